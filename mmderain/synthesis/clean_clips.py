"""Clean clips to render rain over: from files, and still images in motion."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from mmderain.errors import DataError
from mmderain.media.clip_part import ClipPart, Moment
from mmderain.media.frame_source import (
    FrameSource,
    find_sources,
    info_of_images,
)
from mmderain.media.images import (
    IMAGE_SUFFIXES,
    is_image,
    is_other_image,
    listed,
    other_image,
    read_image,
)
from mmderain.media.left_out import check_frames_alone, passed_over
from mmderain.media.video_decoder import OnBad
from mmderain.media.video_index import FrameIndex
from mmderain.media.video_info import TimedFrame, VideoInfo
from mmderain.synthesis.camera import check_size
from mmderain.synthesis.motion import camera_frames


@dataclass(frozen=True)
class CleanClip:
    """Frames to render rain over.

    Args:
        name: Of the sequence in its set.
        part: Which frames of which source.
        size: (height, width) that they are scaled and cut to, or None.
    """

    name: str
    part: ClipPart
    size: tuple[int, int] | None = None

    @property
    def path(self) -> Path:
        """Where it comes from."""
        return self.part.source.path

    @property
    def num_frames(self) -> int | None:
        """How many frames there are, None where only reading tells."""
        return (None if self.part.source.is_video
                else self.part.guess_frames())

    def read(self) -> Iterator[np.ndarray]:
        """The frames, (h, w, 3) uint8 RGB, of one size.

        Raises:
            UserError: A frame cannot be read or is too small for rain, or
                there are none.
        """
        empty = True
        with closing(self.part.read()) as frames:
            for frame in frames:
                empty = False
                check_size(frame.image.shape[:2], str(self.path))
                yield (frame.image if self.size is None
                       else _fit(frame.image, self.size))
        if empty:
            start = self.part.start.frame if self.part.start else 0
            raise DataError(f'{self.path}: expected frames from number '
                            f'{start} on, but there are none. Start earlier.')


@dataclass(frozen=True)
class StillInMotion(FrameSource):
    """What a moving camera sees of a still image.

    Args:
        path: Of the image, or of the array that it is in.
        still: Reads it, (H, W, 3) uint8 RGB.
        count: How many frames.
        size: (height, width) of the frames.
        rng: Gives the source of the motion, the same at each call.
    """

    path: Path
    still: Callable[[], np.ndarray]
    count: int
    size: tuple[int, int]
    rng: Callable[[], np.random.Generator]
    images = ()

    @property
    def info(self) -> VideoInfo:
        """As of a folder of images."""
        return info_of_images(self.size, self.count)

    def index(self) -> FrameIndex:
        """Each frame stands for itself."""
        return FrameIndex.of_images(self.count)

    def read(self, on_bad: OnBad | None = None, first: int = 0,
             index: FrameIndex | None = None) -> Generator[TimedFrame]:
        """Move the camera, always in the same way.

        Raises:
            UserError: The still cannot be read, or is too small.
        """
        frames = camera_frames(self.still(), self.count, self.size,
                               self.rng(), name=str(self.path))
        for number, frame in enumerate(islice(frames, first, None), first):
            yield TimedFrame(frame, number, 1, number)


def _fit(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale a frame to cover a size, and cut its middle out."""
    height, width = size
    scale = max(height / frame.shape[0], width / frame.shape[1])
    scaled = (max(width, round(frame.shape[1] * scale)),
              max(height, round(frame.shape[0] * scale)))
    frame = cv2.resize(frame, scaled, interpolation=(
        cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC))
    top, left = (scaled[1] - height) // 2, (scaled[0] - width) // 2
    return frame[top:top + height, left:left + width]


def find_clips(inputs: Iterable[Path], start: int = 0,
               num_frames: int | None = None,
               size: tuple[int, int] | None = None) -> list[CleanClip]:
    """The clips in folders of frames, folders of such and of videos, videos.

    Frames come in natural order. No frame is read yet.

    Args:
        inputs: Folders and video files.
        start: Number of the first frame to take, 0 or more.
        num_frames: How many frames to take at most; None for all.
        size: (height, width) to scale and cut the frames to, or None.

    Raises:
        DataError: An input is missing or holds no frames, or is an image, or
            videos would be left out beside frames.
    """
    first = Moment(frame=start) if start else None
    end = None if num_frames is None else Moment(frame=start + num_frames)
    clips = []
    for path in map(_absolute, inputs):
        if is_image(path):
            raise DataError(
                f'{path}: expected a folder of frames or a video, got an '
                'image. For a clip out of one image add --from-still.')
        found = find_sources(path)
        if not found:
            raise DataError(
                f'{path}: expected frames ({", ".join(IMAGE_SUFFIXES)}), '
                'folders of frames or videos, but there are none.')
        for source in found:
            if source.path.is_dir():
                check_frames_alone(source.path)
        clips += [CleanClip(source.name, ClipPart(source, first, end), size)
                  for source in found]
    return _with_unique_names(clips)


def still_clips(inputs: Iterable[Path], num_frames: int,
                size: tuple[int, int],
                rng: Callable[[int], np.random.Generator]) -> list[CleanClip]:
    """A clip of simulated camera motion for each still image.

    Args:
        inputs: Images, folders of images, and ``.npy`` files of images, such
            as the ``truth.npy`` of rendered clips: (n, h, w, 3) uint8 RGB.
        num_frames: Frames of each clip.
        size: (height, width) of the frames.
        rng: Gives the source of the motion for the index of a clip.

    Raises:
        DataError: An input is missing or is not an image.
    """
    stills = [still for path in map(_absolute, inputs)
              for still in _stills(path)]

    return _with_unique_names([
        CleanClip(name, ClipPart(StillInMotion(
            path, read, num_frames, size, partial(rng, index))))
        for index, (name, path, read) in enumerate(stills)])


def left_out(inputs: Iterable[Path], clips: Iterable[CleanClip]) -> list[str]:
    """What is in the inputs and in no clip; see :func:`passed_over`."""
    read = [path for clip in clips for path in clip.part.source.files]
    return [line for path in map(_absolute, inputs)
            for line in passed_over(path, read)]


def _stills(path: Path
            ) -> list[tuple[str, Path, Callable[[], np.ndarray]]]:
    """Name, path and reader of each still image of an input."""
    if path.suffix == '.npy':
        images = _read_array(path)
        return [(f'{index:05d}', path, partial(images.__getitem__, index))
                for index in range(len(images))]
    if is_other_image(path):
        raise other_image(path)
    images = [path] if is_image(path) else [
        item for item in (listed(path) if path.is_dir() else [])
        if is_image(item)]
    if not images:
        raise DataError(f'{path}: expected a still image, a folder of them '
                        'or a .npy file of them, as --from-still says, but '
                        'it is not.')
    return [(image.stem, image, partial(read_image, image))
            for image in images]


def _read_array(path: Path) -> np.ndarray:
    try:
        images = np.load(path, mmap_mode='r', allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f'{path}: expected an array of images, but it cannot '
                        f'be read: {error}') from error
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
        raise DataError(f'{path}: expected images (n, h, w, 3) of uint8, RGB, '
                        f'got {images.shape} of {images.dtype}.')
    if not images.size:
        raise DataError(f'{path}: expected images, but the array of '
                        f'{images.shape} holds none. Name another file.')
    return images


def _absolute(path: Path) -> Path:
    # So that '.' has a name, which its sequence takes; links keep theirs.
    path = Path(os.path.abspath(path))
    if not path.exists():
        raise DataError(f'{path}: expected a folder of frames, a video or an '
                        'image, but it does not exist. Fix the path.')
    return path


def _with_unique_names(clips: list[CleanClip]) -> list[CleanClip]:
    taken, result = set(), []
    for clip in clips:
        name, number = clip.name, 1
        while name in taken:
            number += 1
            name = f'{clip.name}_{number}'
        taken.add(name)
        result.append(replace(clip, name=name))
    return result
