"""Where frames come from: a video, a folder of images, or one image."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mmderain.errors import DataError, UserError
from mmderain.inference.image_io import is_image, listed, read_image
from mmderain.inference.video_color import VideoColor
from mmderain.inference.video_io import (
    TimedFrame,
    VideoInfo,
    read_frames,
    read_info,
)

OnBad = Callable[[str], None]


@dataclass(frozen=True)
class Moment:
    """A place in a clip, by time or by number of frame.

    Args:
        seconds: Since the first frame.
        frame: Counted from 0. One of the two is None.
    """

    seconds: Fraction | None = None
    frame: int | None = None

    @classmethod
    def parse(cls, text: str) -> 'Moment':
        """Read ``83.5`` or ``1:23.5`` (time) or ``250f`` (frame).

        Raises:
            UserError: It is neither.
        """
        if re.fullmatch(r'\d+f', text):
            return cls(frame=int(text[:-1]))
        if not re.fullmatch(r'(\d+:){0,2}\d+(\.\d+)?', text):
            raise UserError(f'{text!r} is no moment of a clip: expected '
                            'seconds (83.5), a time (1:23.5) or a frame '
                            '(250f).')
        seconds = Fraction(0)
        for part in text.split(':'):
            seconds = seconds * 60 + Fraction(part)
        return cls(seconds=seconds)

    def is_reached(self, frame: TimedFrame, seconds: Fraction) -> bool:
        """Whether a frame is at the moment or after it."""
        if self.frame is not None:
            return frame.index >= self.frame
        return seconds >= self.seconds


@dataclass(frozen=True)
class FrameSource:
    """A clip that can be read frame by frame, more than once.

    Args:
        path: A video, a folder or an image.
        info: What is known of it; for images as if they were a video.
        images: The images, in order; None for a video.
    """

    path: Path
    info: VideoInfo
    images: tuple[Path, ...] | None = None

    @property
    def is_video(self) -> bool:
        """Whether there is sound and time to keep."""
        return self.images is None

    @property
    def num_frames(self) -> int | None:
        """How many frames there are, None where only reading tells."""
        return self.info.num_frames

    def frame_name(self, frame: TimedFrame) -> str:
        """Name of the frame's file among images."""
        if self.is_video:
            return f'{frame.index:08d}'
        return self.images[frame.index].stem

    def read(self, on_bad: OnBad | None = None, start: Moment | None = None,
             end: Moment | None = None) -> Iterator[TimedFrame]:
        """Read the frames from ``start`` on, up to ``end``, without it.

        Args:
            on_bad: Told of frames that cannot be read; they are left out.
                Without it they are errors.
            start: The first frame; that of the clip when None.
            end: The end; that of the clip when None.

        Raises:
            DataError: A frame cannot be read.
        """
        first = None
        for frame in self._frames(on_bad):
            first = frame.pts if first is None else first
            seconds = (frame.pts - first) * self.info.time_base
            if end is not None and end.is_reached(frame, seconds):
                return
            if start is None or start.is_reached(frame, seconds):
                yield frame

    def _frames(self, on_bad: OnBad | None) -> Iterator[TimedFrame]:
        if self.is_video:
            return read_frames(self.path, self.info, on_bad)
        return self._read_images(on_bad)

    def _read_images(self, on_bad: OnBad | None) -> Iterator[TimedFrame]:
        size = self.info.upright_size
        for index, path in enumerate(self.images):
            try:
                image = read_image(path)
                if image.shape[:2] != size:
                    raise DataError(
                        f'{path}: expected {size[0]}x{size[1]} pixels like '
                        f'{self.images[0].name}, got {image.shape[0]}x'
                        f'{image.shape[1]}. The frames of a folder must have '
                        'one size.')
            except DataError as error:
                if on_bad is None:
                    raise
                on_bad(str(error))
                continue
            yield TimedFrame(image, index, 1, index)


def open_source(path: Path, rate: Fraction = Fraction(25)) -> FrameSource:
    """Find out what a path holds; reads one frame.

    Args:
        path: A video, a folder of images, or an image.
        rate: Frames per second that images are given.

    Raises:
        DataError: There is nothing, or it cannot be read.
    """
    if not path.exists():
        raise DataError(f'{path}: expected a video, a folder of frames or an '
                        'image, but it does not exist. Mend the path.')
    if path.is_dir():
        images = tuple(item for item in listed(path) if is_image(item))
        if not images:
            raise DataError(f'{path}: expected a folder of frames, but there '
                            'are no images in it.')
    elif is_image(path):
        images = (path, )
    else:
        return FrameSource(path, read_info(path))
    height, width = _first_size(images)
    unsaid = VideoColor(2, 0, 2, 2, height)
    return FrameSource(path, VideoInfo(
        width, height, 1 / rate, rate, len(images), 'yuv420p', unsaid),
        images)


def _first_size(images: tuple[Path, ...]) -> tuple[int, int]:
    """Of the first image that can be read."""
    for path in images[:-1]:
        try:
            return read_image(path).shape[:2]
        except DataError:
            continue
    return read_image(images[-1]).shape[:2]
