"""Where frames go: segments of a video, or images, beside the output.

Nothing appears under the output's own name before all of it is there.
"""

import os
import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from mmderain.errors import UserError
from mmderain.inference.image_io import is_image, write_rgb
from mmderain.inference.video_io import TimedFrame, VideoInfo
from mmderain.inference.video_join import Copied, join_segments
from mmderain.inference.video_writer import Encoding, VideoEncoder


def replace(source: Path, target: Path) -> None:
    """Move a file or a folder to its final name; what is there is replaced.

    Raises:
        UserError: That is not possible.
    """
    try:
        if target.is_dir():
            shutil.rmtree(target)
        os.replace(source, target)
    except OSError as error:
        raise UserError(f'{target} cannot be written: {error}. What is '
                        f'finished is {source}.') from error


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
        self._encoder: VideoEncoder | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def _segment(self, number: int) -> Path:
        return self.folder / f'{number:05d}.mp4'

    def begin(self, number: int) -> None:
        """Begin a segment."""
        self._encoder = VideoEncoder(
            self.folder / f'{number:05d}.unfinished.mp4', self.info,
            self.encoding)

    def write(self, frame: TimedFrame, name: str) -> None:
        """Add a frame to the segment."""
        self._encoder.write(frame)

    def end(self, number: int) -> None:
        """Finish the segment."""
        path = self._encoder.path
        self.abandon()
        os.replace(path, self._segment(number))

    def abandon(self) -> None:
        """Close the segment without calling it finished."""
        encoder, self._encoder = self._encoder, None
        if encoder is not None:
            encoder.close()

    def has_segment(self, number: int) -> bool:
        """Whether a segment is finished."""
        return self._segment(number).is_file()

    def finish(self, starts: Sequence[Fraction]) -> None:
        """Join the segments into the target.

        Args:
            starts: When each segment begins, in seconds.
        """
        joined = self.folder / f'joined{self.target.suffix}'
        join_segments(
            [self._segment(number) for number in range(len(starts))], starts,
            joined, self.info.matrix, self.copied)
        replace(joined, self.target)


class ImageSink:
    """Frames as PNG files in a folder, or as one image.

    Args:
        folder: Where they are while they are not complete.
        target: A folder, or the one image's file.
    """

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder = folder
        self.target = target
        folder.mkdir(parents=True, exist_ok=True)

    def begin(self, number: int) -> None:
        """Images have no segments; whatever is there is written again."""

    def write(self, frame: TimedFrame, name: str) -> None:
        """Write a frame.

        Raises:
            UserError: It cannot be written.
        """
        suffix = '.png' if _is_folder(self.target) else self.target.suffix
        write_rgb(self.folder / f'{name}{suffix}', frame.image)

    def end(self, number: int) -> None:
        """Nothing to do."""

    def abandon(self) -> None:
        """Nothing to do."""

    def has_segment(self, number: int) -> bool:
        """Whether there are images at all."""
        return any(map(is_image, self.folder.iterdir()))

    def finish(self, starts: Sequence[Fraction]) -> None:
        """Give the folder, or the one image, its name."""
        if _is_folder(self.target):
            replace(self.folder, self.target)
            return
        image, = filter(is_image, self.folder.iterdir())
        replace(image, self.target)


def _is_folder(target: Path) -> bool:
    return not target.suffix


def preview(before: np.ndarray, after: np.ndarray, kind: str) -> np.ndarray:
    """Input and output in one picture.

    Args:
        before: (h, w, 3) uint8.
        after: The same.
        kind: 'side' by side, or 'split' at the middle, with a white line.
    """
    if kind == 'side':
        return np.concatenate([before, after], axis=1)
    middle = before.shape[1] // 2
    picture = after.copy()
    picture[:, :middle] = before[:, :middle]
    picture[:, middle - 1:middle + 1] = 255
    return picture


def upright_info(info: VideoInfo, width_factor: int = 1) -> VideoInfo:
    """For pictures that are stored as they are shown."""
    height, width = info.upright_size
    aspect = info.aspect
    if aspect and info.turns % 2:
        aspect = Fraction(1) / aspect
    return VideoInfo(
        width * width_factor, height, info.time_base, info.rate,
        info.num_frames, info.pixel_format, info.color, None, aspect)
