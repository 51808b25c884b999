"""How frames are encoded: by what, how well, and in which pixel format."""

from dataclasses import dataclass, replace
from pathlib import Path

import av

from mmderain.errors import UserError
from mmderain.media.containers import is_mp4
from mmderain.media.encoder_options import (
    check_quality,
    is_lossless,
    x264_options,
)
from mmderain.media.named_encoder import (
    check_options,
    find_encoder,
    instead_of,
    quality_options,
)
from mmderain.media.video_color import is_rgb_format
from mmderain.media.video_info import VideoInfo

AUTO = 'auto'
# codecs whose streams say how wide a pixel is
_SAY_PIXEL_SHAPE = ('h264', 'hevc', 'mpeg4')
# what a WebM holds, and how fast it is encoded: about as x264 does by itself
_OF_WEBM = dict(named='libvpx-vp9',
                named_options=(('cpu-used', '4'), ('row-mt', '1')))
ENCODERS = dict(h264='libx264', hevc='libx265', av1='libsvtav1', ffv1='ffv1')
_CODECS = {encoder: codec for codec, encoder in ENCODERS.items()}
# pixels across up to which x265 4.2 writes beyond memory of its lookahead
# (three blocks of 16 pixels, where it writes four at once; seen by valgrind)
_NARROW = 48
# those that take any size whatever the chroma
_ANY_SIZE = ('ffv1', )
# whose encoders hold many frames back unless they are told not to
_HURRIED = ('h264', 'hevc')
_LONGEST_OF_H264 = 16384
OTHER_ENCODING = ('Choose another --codec (h264 takes nearly every size), '
                  '--preset or --crf.')


@dataclass(frozen=True)
class Encoding:
    """How frames are encoded.

    Args:
        codec: A key of ``ENCODERS``; or ``auto``: HEVC stays HEVC, all else
            becomes H.264 of 8 bits, which every player takes.
        crf: Constant rate factor, lower is better; for all but ffv1, which is
            lossless.
        preset: Speed of the encoder, as it names them; None for its own.
        named: FFmpeg's name of an encoder, in place of a codec.
        named_options: Keys and values for the encoder, over all others.

    Raises:
        UserError: The encoder does not take that, or there is none.
    """

    codec: str = AUTO
    crf: int = 18
    preset: str | None = None
    named: str | None = None
    named_options: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.named is None:
            check_quality(
                self.codec, None if is_lossless(self.codec) else self.crf,
                self.preset)
        else:
            find_encoder(self.named)
        encoder = self.named or ENCODERS.get(self.codec)
        if self.named_options and encoder is None:
            raise UserError('--encoder-option: expected to know of which '
                            'encoder. Add --codec or --encoder.')
        if self.named_options:
            check_options(encoder, self.named_options)

    def into(self, suffix: str) -> 'Encoding':
        """The encoding for a kind of file: VP9 in WebM, if left to us.

        Raises:
            UserError: What is asked for is of another encoder.
        """
        if (suffix.lower() != '.webm' or self.codec != AUTO
                or self.named is not None):
            return self
        if self.preset is not None:
            raise UserError(
                f'--preset {self.preset}: a .webm is encoded by '
                f'{_OF_WEBM["named"]}, which has none. Leave it out, or add '
                '--codec av1.')
        return replace(self, **_OF_WEBM)

    def codec_for(self, info: VideoInfo) -> str:
        """A key of ``ENCODERS``, by what the source is; or an encoder."""
        if self.named is not None:
            return _CODECS.get(self.named, self.named)
        if self.codec != AUTO:
            return self.codec
        return 'hevc' if info.codec == 'hevc' else 'h264'

    def keeps_depth(self, info: VideoInfo) -> bool:
        """Whether more than 8 bits stay more than 8."""
        return (self.codec != AUTO or self.named is not None
                or self.codec_for(info) == 'hevc')

    def keeps_pixel_shape(self, info: VideoInfo, target: Path) -> bool:
        """Whether a player of a video will know how wide pixels are.

        PyAV has no way to say it to Matroska, but MP4 takes it.
        """
        return (info.aspect in (None, 1) or is_mp4(target)
                or self.encoder(info).canonical_name in _SAY_PIXEL_SHAPE)

    def encoder(self, info: VideoInfo) -> av.Codec:
        """The encoder for a source.

        Raises:
            UserError: This FFmpeg has none for the codec.
        """
        codec = self.codec_for(info)
        if codec not in ENCODERS:
            return find_encoder(codec)
        name = ENCODERS[codec]
        try:
            return av.Codec(name, 'w')
        except av.codec.codec.UnknownCodecError as error:
            raise UserError(
                f'--codec {codec}: the FFmpeg of this PyAV '
                f'({av.__version__}) has no encoder {name}. Choose another of '
                f'{", ".join(ENCODERS)}, or install the PyAV wheel of PyPI.'
            ) from error

    def describe(self, info: VideoInfo) -> str:
        """The codec, its options and what it gets, as messages name them."""
        codec = self.codec_for(info)
        said = [f'--codec {codec}' if self.named is None
                else f'--encoder {self.named}']
        if self._quality(info):
            said.append(f'--crf {self.crf}')
        if self.preset:
            said.append(f'--preset {self.preset}')
        said += [f'--encoder-option {key}={value}'
                 for key, value in self.named_options]
        return (f'{" ".join(said)} and frames of '
                f'{info.width}x{info.height} pixels, '
                f'{self.pixel_format(info)}')

    def options(self, info: VideoInfo) -> dict[str, str]:
        """The encoder's options for a source."""
        options, codec = self._quality(info), self.codec_for(info)
        if codec == 'hevc':
            options['x265-params'] = 'log-level=error' + (
                ':no-cutree=1' if info.width <= _NARROW else '')
        if codec == 'h264':
            options.update(x264_options(info.width))
        if self.preset:
            options['preset'] = self.preset
        return {**options, **dict(self.named_options)}

    def _quality(self, info: VideoInfo) -> dict[str, str]:
        return quality_options(self.encoder(info).name, self.crf)

    def other(self, info: VideoInfo) -> str:
        """What to do where it does not work."""
        if self.named is not None:
            return instead_of(self.named)
        if (self.codec_for(info) == 'h264'
                and max(info.width, info.height) > _LONGEST_OF_H264):
            return (f'Its sides end at {_LONGEST_OF_H264} pixels: choose '
                    '--codec hevc, or write a folder of images.')
        return OTHER_ENCODING

    def hurried(self, info: VideoInfo) -> dict[str, str]:
        """Options by which a frame does not wait for those after it."""
        return {'tune': 'zerolatency'} if (
            self.codec_for(info) in _HURRIED) else {}

    def pixel_format(self, info: VideoInfo) -> str:
        """The source's chroma and depth, as near as the encoder has them.

        8 and 10 bits stay, unless the codec is ``auto``; more become 10. RGB
        becomes 4:4:4, and so does subsampled chroma of frames whose sides are
        odd, where the encoder would cut them.
        """
        source = av.VideoFormat(info.pixel_format, info.width, info.height)
        is_rgb = is_rgb_format(source)
        grey = len(source.components) < 3 and not is_rgb
        deep = '10le' if (
            info.depth > 8 and self.keeps_depth(info)) else ''
        halves = (not is_rgb and not grey
                  and source.chroma_width(64) == 32,
                  not is_rgb and not grey
                  and source.chroma_height(64) == 32)
        odd = (info.width % 2 and halves[0]) or (info.height % 2 and halves[1])
        if odd and self.codec_for(info) not in _ANY_SIZE:
            halves = (False, False)
        chroma = {(True, True): '420', (True, False): '422'}.get(halves, '444')
        wanted = f'gray{deep}' if grey else f'yuv{chroma}p{deep}'
        known = [item.name
                 for item in self.encoder(info).video_formats or ()]
        for name in (wanted, f'yuv{chroma}p', f'yuv420p{deep}', 'yuv420p'):
            if name in known:
                return name
        return known[0] if known else wanted
