"""Any encoder that the installed FFmpeg has, by its name."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache

import av

from mmderain.errors import UserError

# codec -> what encodes it on a CPU
ON_CPU = dict(h264='libx264', hevc='libx265', av1='libsvtav1',
              vp9='libvpx-vp9', vp8='libvpx')
# options, also of x264-params and the like, that name files to write
_FILES = ('passlogfile', 'stats', 'csv', 'dump-yuv')
# that are set by what is encoded
_OURS = ('time_base', )


def find_encoder(name: str) -> av.Codec:
    """An encoder of video.

    Raises:
        UserError: There is none of this name.
    """
    codec = _encoder(name)
    if codec is None:
        near = list(filter(_encoder, get_close_matches(
            name, av.codecs_available, 5)))
        raise UserError(
            f'--encoder {name}: expected an encoder of video that the FFmpeg '
            f'of this PyAV ({av.__version__}) has'
            f'{", such as " + ", ".join(near) if near else ""}; libx264, '
            'libx265, libsvtav1, libvpx-vp9 and ffv1 are some of them.')
    return codec


def _encoder(name: str) -> av.Codec | None:
    try:
        codec = av.Codec(name, 'w')
    except av.codec.codec.UnknownCodecError:
        return None
    return codec if codec.type == 'video' else None


def check_options(name: str, options: Sequence[tuple[str, str]]) -> None:
    """Refuse options that an encoder would pass over.

    Args:
        name: Of the encoder.
        options: Keys and values.

    Raises:
        UserError: It has no such option, or it is said twice, or would write
            a file of its own.
    """
    own, general = _option_names(name)
    said: dict[str, str] = {}
    for key, value in options:
        if key in said:
            raise UserError(f'--encoder-option {key}: expected one value, got '
                            f'{said[key]} and {value}.')
        said[key] = value
        if key in _FILES or any(
                part.partition('=')[0] in _FILES for part in value.split(':')
                if key.endswith('-params')):
            raise UserError(
                f'--encoder-option {key}={value}: names a file of statistics, '
                'which would be replaced; there is one pass alone. Leave it '
                'out.')
        if key in _OURS:
            raise UserError(f'--encoder-option {key}={value}: the clock is '
                            'that of the input. Leave it out.')
        if key not in own | general:
            near = get_close_matches(key, own | general, 3)
            raise UserError(
                f'--encoder-option {key}: {name} has no such option'
                f'{", but " + ", ".join(near) if near else ""}. "ffmpeg -h '
                f'encoder={name}" lists all.')


def quality_options(name: str, crf: int) -> dict[str, str]:
    """How an encoder is told a quality; empty where it has none like it.

    Args:
        name: Of the encoder.
        crf: Constant rate factor, lower is better.
    """
    own, _ = _option_names(name)
    if 'crf' in own:
        # a bit rate would limit it
        return {'crf': str(crf), **({'b': '0'} if 'vpx' in name else {})}
    if 'cq' in own:
        return {'rc': 'vbr', 'cq': str(crf), 'b': '0'}
    return {}


def instead_of(name: str) -> str:
    """What to do where an encoder does not work here."""
    codec = find_encoder(name).canonical_name
    other = ON_CPU.get(codec)
    if other is None or other == name:
        return 'Choose another --encoder, or other values of its options.'
    return (f'Where there is no device for it, --encoder {other} encodes '
            f'{codec} on the CPU.')


@cache
def _option_names(name: str) -> tuple[set[str], set[str]]:
    """Those of an encoder, and those of all."""
    known = av.CodecContext.create(find_encoder(name)).supported_options
    return tuple({option.name for option in options}
                 for options in (known.private, known.generic))
