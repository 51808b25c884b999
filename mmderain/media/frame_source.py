"""Where frames come from: a video, a folder of images, or one image."""

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

from mmderain.errors import DataError
from mmderain.file_kinds import no_file
from mmderain.media.damage import Damage, find_damage
from mmderain.media.hardware import Hardware
from mmderain.media.images import (
    is_image,
    is_other_image,
    listed,
    other_image,
    read_image,
)
from mmderain.media.left_out import check_frames_alone, is_video
from mmderain.media.video_color import RGB_MATRIX, VideoColor
from mmderain.media.video_decoder import OnBad, read_frames
from mmderain.media.video_index import FrameIndex, count_packets, read_index
from mmderain.media.video_info import TimedFrame, VideoInfo, read_info

_RATE = Fraction(25)


class FrameSource(ABC):
    """Frames in their order, whatever they come from.

    A source of another kind defines ``path``, ``images``, ``info`` and
    ``read``. It may be of unknown length (``num_frames`` is None), and it may
    be read once only (``can_reread`` is False).

    Attributes:
        path: What it is known by in messages.
        images: The image files, in order; None where there are none.
        can_reread: Whether ``read`` can be called more than once.
    """

    path: Path
    images: tuple[Path, ...] | None
    can_reread: bool = True

    @property
    @abstractmethod
    def info(self) -> VideoInfo:
        """What is known of it; for images as if they were a video.

        Raises:
            DataError: It cannot be read.
        """

    @abstractmethod
    def read(self, on_bad: OnBad | None = None, first: int = 0,
             index: FrameIndex | None = None) -> Generator[TimedFrame]:
        """Read the frames.

        Args:
            on_bad: Told of frames that cannot be read; they are left out.
                Without it they are errors.
            first: Index of the first frame that is wanted.
            index: What :meth:`index` found, to get there sooner.

        Raises:
            DataError: A frame cannot be read.
        """

    def pictures(self) -> Generator[np.ndarray]:
        """The frames alone, (h, w, 3) uint8 RGB, upright.

        Raises:
            DataError: A frame cannot be read.
        """
        for frame in self.read():
            yield frame.image

    @property
    def name(self) -> str:
        """Of the sequence: that of the file or folder, also for '.'."""
        return Path(os.path.abspath(self.path)).stem

    @property
    def num_frames(self) -> int | None:
        """How many frames there are, None where only reading tells."""
        return self.info.num_frames

    @property
    def files(self) -> tuple[Path, ...]:
        """Those that it reads."""
        return self.images or (self.path, )

    @property
    def is_video(self) -> bool:
        """Whether there is sound and time to keep."""
        return self.images is None

    def frame_name(self, frame: TimedFrame) -> str:
        """Name of the frame's file among images."""
        return f'{frame.index:08d}'

    def index(self) -> FrameIndex | None:
        """Which frame is where; None where only reading all of it tells."""
        return None

    def damage(self) -> list[Damage]:
        """What is known to be missing; decodes nothing."""
        return []

    def count_packets(self) -> int:
        """What is stored, as a guess at the number of frames."""
        return self.num_frames or 0


@dataclass(frozen=True)
class VideoSource(FrameSource):
    """A video file. It is looked at when something is asked of it.

    Args:
        path: The file.
        hardware: That decodes it; a CPU when None.
    """

    path: Path
    hardware: Hardware | None = None
    images = None

    @cached_property
    def info(self) -> VideoInfo:
        """What the file says of itself."""
        return read_info(self.path)

    def read(self, on_bad: OnBad | None = None, first: int = 0,
             index: FrameIndex | None = None) -> Generator[TimedFrame]:
        """Decode the frames; see :func:`read_frames`."""
        return read_frames(self.path, self.info, on_bad, first, index,
                           self.hardware)

    def index(self) -> FrameIndex | None:
        """Read from the packets."""
        return read_index(self.path)

    def damage(self) -> list[Damage]:
        """Found by the packets."""
        return find_damage(self.path)

    def count_packets(self) -> int:
        """Those of the video stream."""
        return count_packets(self.path)


@dataclass(frozen=True)
class ImageSource(FrameSource):
    """Images as frames. Damaged ones are found when they are read.

    Args:
        path: The folder, or the one image.
        images: The files, in order; one at least.
        rate: Frames per second that they are given.
        one_size: Whether images of several sizes are an error.
    """

    path: Path
    images: tuple[Path, ...]
    rate: Fraction = _RATE
    one_size: bool = True

    @cached_property
    def info(self) -> VideoInfo:
        """As of a video; the size is that of the first image."""
        return info_of_images(_first_size(self.images), len(self.images),
                              self.rate)

    @property
    def name(self) -> str:
        """A folder's whole name, also with a dot in it."""
        path = Path(os.path.abspath(self.path))
        return path.stem if self.images == (self.path, ) else path.name

    @property
    def num_frames(self) -> int:
        """One for each image."""
        return len(self.images)

    def frame_name(self, frame: TimedFrame) -> str:
        """That of its image."""
        return self.images[frame.index].stem

    def index(self) -> FrameIndex:
        """Each image stands for itself."""
        return FrameIndex.of_images(len(self.images))

    def read(self, on_bad: OnBad | None = None, first: int = 0,
             index: FrameIndex | None = None) -> Generator[TimedFrame]:
        """Read the images; also says which one is of another size."""
        for number, path in enumerate(self.images[first:], first):
            try:
                image = read_image(path)
                if self.one_size:
                    self._check_size(path, image)
            except DataError as error:
                if on_bad is None:
                    raise
                on_bad(str(error))
                continue
            yield TimedFrame(image, number, 1, number)

    def _check_size(self, path: Path, image: np.ndarray) -> None:
        size = self.info.upright_size
        if image.shape[:2] != size:
            raise DataError(
                f'{path}: expected {size[0]}x{size[1]} pixels like '
                f'{self.images[0].name}, got {image.shape[0]}x'
                f'{image.shape[1]}. The frames of a folder must have one '
                'size.')


def info_of_images(size: tuple[int, int], count: int,
                   rate: Fraction = _RATE) -> VideoInfo:
    """What is known of frames that no video file says anything of.

    Args:
        size: (height, width) of the frames.
        count: How many there are.
        rate: Frames per second.
    """
    height, width = size
    return VideoInfo(width, height, 1 / rate, rate, count, 'yuv420p',
                     VideoColor(RGB_MATRIX, 0, 2, 2, height))


def require_input(path: Path) -> None:
    """Notice a misspelt path before anything is loaded.

    Raises:
        DataError: There is nothing.
    """
    if path.exists() and not path.is_char_device():
        return
    hint = ''
    if '%' in path.name:  # as other programs number frames
        hint = f' Frames are read from a folder: name {path.parent}.'
    elif re.fullmatch(r'(/dev/video)?\d{1,3}', str(path)):
        number = str(path).removeprefix('/dev/video')
        hint = f' A camera is named v4l2:/dev/video{number}.'
    raise DataError(f'{path}: expected a video, a folder of frames or an '
                    f'image, but {no_file(path)}. Fix the path.{hint}')


def open_source(path: Path, rate: Fraction = _RATE) -> FrameSource:
    """Find out what a path holds; reads one frame.

    Args:
        path: A video, a folder of images, or an image.
        rate: Frames per second that images are given.

    Raises:
        DataError: There is nothing, or it cannot be read.
    """
    require_input(path)
    source = _source(path, rate)
    if source is None:
        other = next(filter(is_other_image, listed(path)), None)
        if other is not None:
            raise other_image(other)
        raise DataError(f'{path}: expected a folder of frames, but there '
                        'are no images in it. Videos in a folder are an '
                        'archive (--output-dir).')
    if path.is_dir():
        check_frames_alone(path)
    _ = source.info  # now, so that it is known whether it can be read
    return source


def find_sources(root: Path) -> list[FrameSource]:
    """The sequences in a folder, or the one that a path is.

    Nothing is read yet.

    Args:
        root: A folder of images, a folder of such folders and of videos, a
            video, or an image.

    Returns:
        In natural order; empty where there is none of them.

    Raises:
        DataError: It is an image of a kind that cannot be read.
    """
    if root.exists() and (whole := _source(root)):
        return [whole]
    inside = listed(root) if root.is_dir() else []
    return [source for path in inside if path.is_dir() or is_video(path)
            if (source := _source(path))]


def _source(path: Path, rate: Fraction = _RATE) -> FrameSource | None:
    """What is there; None for a folder without images."""
    if path.is_dir():
        images = tuple(filter(is_image, listed(path)))
        return ImageSource(path, images, rate) if images else None
    if is_image(path):
        return ImageSource(path, (path, ), rate)
    if is_other_image(path):
        raise other_image(path)
    return VideoSource(path)


def _first_size(images: tuple[Path, ...]) -> tuple[int, int]:
    """Of the first image that can be read."""
    for path in images[:-1]:
        try:
            return read_image(path).shape[:2]
        except DataError:
            continue
    return read_image(images[-1]).shape[:2]


def count_frames(path: Path) -> int | None:
    """How many frames it holds, without decoding; None if that fails."""
    if path.is_dir():
        return sum(map(is_image, path.iterdir()))
    if not path.is_file():
        return None
    return 1 if is_image(path) else count_packets(path)
