"""Where frames come from: a video, a folder of images, or one image."""

from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mmderain.errors import DataError
from mmderain.media.damage import Damage, find_damage
from mmderain.media.images import is_image, listed, read_image
from mmderain.media.video_color import VideoColor
from mmderain.media.video_decoder import OnBad, read_frames
from mmderain.media.video_index import (
    FrameIndex,
    count_packets,
    read_index,
)
from mmderain.media.video_info import TimedFrame, VideoInfo, read_info


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

    def index(self) -> FrameIndex | None:
        """Which frame is where; None where only reading all of it tells."""
        if self.is_video:
            return read_index(self.path)
        return FrameIndex.of_images(len(self.images))

    def damage(self) -> list[Damage]:
        """What is known to be missing; reads a video, but decodes nothing.

        Images are found damaged when they are read.
        """
        return find_damage(self.path) if self.is_video else []

    def count_packets(self) -> int:
        """What is stored, as a guess at the number of frames."""
        return (count_packets(self.path) if self.is_video
                else len(self.images))

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
        if self.is_video:
            return read_frames(self.path, self.info, on_bad, first, index)
        return self._read_images(on_bad, first)

    def _read_images(self, on_bad: OnBad | None,
                     first: int) -> Generator[TimedFrame]:
        size = self.info.upright_size
        for index, path in enumerate(self.images[first:], first):
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


def count_frames(path: Path) -> int | None:
    """How many frames a video or folder holds, without decoding.

    Returns:
        The number, or None where it is neither, or cannot be read.
    """
    if path.is_dir():
        return sum(map(is_image, path.iterdir()))
    if not path.is_file():
        return None
    return 1 if is_image(path) else count_packets(path)
