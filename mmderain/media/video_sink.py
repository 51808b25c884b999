"""A video in segments, joined at the end."""

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from mmderain.errors import UserError
from mmderain.files import digest, sync
from mmderain.media.encoder_process import CRASHES, EncoderProcess
from mmderain.media.encoding import Encoding
from mmderain.media.frame_sink import UNFINISHED, make_folder
from mmderain.media.video_check import check_joined, check_segment
from mmderain.media.video_encoder import VideoEncoder
from mmderain.media.video_info import TimedFrame, VideoInfo
from mmderain.media.video_join import Copied, join_segments


class VideoSink:
    """A video in segments, joined at the end by copying packets.

    A segment is a whole video of its own and can be played; the one that is
    being written is called ``unfinished`` and can be played as far as it got.

    Args:
        folder: Of the segments.
        target: The video.
        info: Size, time base and colours.
        encoding: Codec and quality.
    """

    # What comes from the source beside the frames; known at the end.
    copied: Copied | None = None

    def __init__(self, folder: Path, target: Path, info: VideoInfo,
                 encoding: Encoding) -> None:
        self.folder = folder
        self.target = target
        self.info = info
        self.encoding = encoding
        self._encoder: VideoEncoder | EncoderProcess | None = None
        self._frames = 0
        make_folder(folder)

    def _segment(self, number: int) -> Path:
        return self.folder / f'{number:05d}.mp4'

    def begin(self, number: int) -> None:
        """Begin a segment."""
        self._frames = 0
        codec = self.encoding.codec_for(self.info)
        encoder = EncoderProcess if codec in CRASHES else VideoEncoder
        self._encoder = encoder(
            self.folder / f'{number:05d}{UNFINISHED}.mp4', self.info,
            self.encoding)

    def write(self, frame: TimedFrame, name: str) -> None:
        """Add a frame to the segment.

        Raises:
            UserError: The file cannot be written.
        """
        self._encoder.write(frame)
        self._frames += 1

    def end(self, number: int) -> str:
        """Finish the segment and read it again.

        Returns:
            str: Its digest.

        Raises:
            UserError: It cannot be written, or not completely.
        """
        path = self._encoder.path
        self.abandon()
        sync(path)
        check_segment(path, self._frames)
        known = digest(path)
        os.replace(path, self._segment(number))
        return known

    def abandon(self) -> None:
        """Close the segment without calling it finished."""
        encoder, self._encoder = self._encoder, None
        if encoder is not None:
            encoder.close()

    def holds(self, number: int, frames: int, known: str | None) -> bool:
        """Whether a finished segment is still what it was.

        Args:
            number: Of the segment.
            frames: How many it should have.
            known: Its digest; None where mmderain 0.1 made it, which noted
                none: then it is decoded.
        """
        path = self._segment(number)
        if not path.is_file():
            return False
        if known is not None:
            return digest(path) == known
        try:
            check_segment(path, frames)
        except UserError:
            return False
        return True

    def join(self, starts: Sequence[Fraction], frames: Sequence[int]) -> Path:
        """Join the segments, and read the result again.

        Args:
            starts: When each segment begins, in seconds.
            frames: How many each has.

        Returns:
            Path: The video, beside the segments.

        Raises:
            UserError: It cannot be written, or not completely.
        """
        joined = self.folder / f'joined{self.target.suffix}'
        packets = join_segments(
            [self._segment(number) for number in range(len(starts))], starts,
            joined, self.info, self.copied)
        sync(joined)
        check_joined(joined, packets, starts[-1] - starts[0], frames[-1])
        return joined


def upright_info(info: VideoInfo, width_factor: int = 1) -> VideoInfo:
    """For pictures that are stored as they are shown."""
    height, width = info.upright_size
    aspect = info.aspect
    if aspect and info.turns % 2:
        aspect = Fraction(1) / aspect
    return VideoInfo(
        width * width_factor, height, info.time_base, info.rate,
        info.num_frames, info.pixel_format, info.color, None, aspect)
