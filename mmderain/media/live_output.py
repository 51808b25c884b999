"""Where live pictures go, and as what."""

import io
import os
from dataclasses import dataclass
from pathlib import Path

from mmderain.errors import UserError, remedy
from mmderain.media.containers import muxer_of
from mmderain.media.encoding import Encoding
from mmderain.media.frame_sink import UNFINISHED
from mmderain.media.http_push import HttpPush
from mmderain.media.live_address import LiveAddress
from mmderain.media.patient_pipe import PatientPipe
from mmderain.media.rtmp_push import RtmpPush
from mmderain.media.video_info import VideoInfo
from mmderain.unwritten import cannot_write

# what --format names -> FFmpeg's muxer
FORMATS = dict(y4m='yuv4mpegpipe', rawvideo='rawvideo', mpegts='mpegts',
               matroska='matroska', flv='flv', rtsp='rtsp')
# which hold pictures as they are, one after the other, and nothing else
BARE = ('y4m', 'rawvideo')


@dataclass(frozen=True)
class LiveOutput:
    """Where frames go, and as what.

    Args:
        target: A file, an address, or a pipe.
        encoding: Codec and quality; not for bare pictures.
        container: Of :data:`FORMATS`; the target's own when None.
        pipe: The file descriptor of a pipe.
        overwrite: Replace a file that is there.
        timeout: Seconds after which a network is given up.
        segment_seconds: After which the next file begins, with the target as
            a pattern of their names; None for one file.
    """

    target: Path | LiveAddress
    encoding: Encoding
    container: str | None = None
    pipe: int = 1
    overwrite: bool = False
    timeout: float = 10
    segment_seconds: float | None = None

    @property
    def is_file(self) -> bool:
        """Whether it is a file."""
        return isinstance(self.target, Path)

    @property
    def muxer(self) -> str:
        """FFmpeg's name of the container."""
        if self.is_file:
            return muxer_of(self.target)
        return FORMATS[self.container or self.target.default_format]

    @property
    def is_bare(self) -> bool:
        """Whether it holds pictures alone, without times."""
        return self.muxer in [FORMATS[name] for name in BARE]

    @property
    def unfinished(self) -> Path:
        """Where a file is until it is whole."""
        target = self.target
        return target.with_name(f'{target.stem}{UNFINISHED}{target.suffix}')

    def check(self) -> None:
        """Refuse a file that is there already.

        Those of a row take names that are free.

        Raises:
            UserError: It is, or what an earlier run has left.
        """
        if (not self.is_file or self.overwrite
                or self.segment_seconds is not None):
            return
        if os.path.lexists(self.target):
            raise UserError(f'{self.target} is there already. Add --overwrite '
                            'to replace it, or choose another output.')
        if os.path.lexists(self.unfinished):
            raise UserError(
                f'{self.unfinished} is what an earlier run has left; it can '
                f'be played. Move it away, or add --overwrite to replace it.')

    def raw_format(self, info: VideoInfo) -> str:
        """The pixel format of bare pictures, as near as there is."""
        if self.muxer == 'rawvideo':
            return info.pixel_format
        # which takes all sizes; the container has 8 bits
        return Encoding('ffv1').pixel_format(info).removesuffix('10le')

    def push(self) -> io.RawIOBase | None:
        """What is written into where FFmpeg would wait without limit.

        Raises:
            OSError: Nobody is there.
        """
        kind = getattr(self.target, 'kind', None)
        if kind == 'http':
            return HttpPush(self.target.text, self.timeout)
        if kind == 'rtmp':
            return RtmpPush(self.target.ffmpeg_name, self.timeout)
        return PatientPipe(self.pipe) if kind == 'pipe' else None

    def failed(self, error: OSError) -> BaseException:
        """What is said of an error of writing."""
        if isinstance(error, InterruptedError):
            return KeyboardInterrupt()
        if self.is_file:
            return cannot_write(self.unfinished, error)
        if self.target.kind == 'pipe' and isinstance(error, BrokenPipeError):
            return BrokenPipeError(*error.args[:2])
        said = getattr(error, 'strerror', None) or str(error)
        if self.target.kind == 'pipe':  # as of `> FILE` on a full disk
            return UserError(f'standard output takes no more ({said}). '
                             f'{remedy(error) or "Check what it leads to."}')
        if isinstance(error, ConnectionRefusedError):
            said = 'connection refused'
        if isinstance(error, TimeoutError):
            said = f'no word within {self.timeout:g} s'
        return UserError(f'nothing takes the pictures at {self.target} '
                         f'({said}): check the address and whether the server '
                         'runs.')
