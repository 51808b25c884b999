"""Clean clips: folders of frames, videos, and still images in motion."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from mmderain.errors import DataError
from mmderain.media.images import (
    IMAGE_SUFFIXES,
    is_image,
    listed,
    read_image,
)
from mmderain.media.video_decoder import read_frames
from mmderain.media.video_info import read_info
from mmderain.synthesis.camera import check_size
from mmderain.synthesis.motion import camera_frames


@dataclass(frozen=True)
class CleanClip:
    """A clip that can be read frame by frame.

    Args:
        name: Name of the sequence.
        path: Where it comes from.
        num_frames: How many frames there are, None where only reading tells.
        read: Called without arguments, yields (h, w, 3) uint8 RGB frames of
            one size. It raises a DataError for what cannot be read.
    """

    name: str
    path: Path
    num_frames: int | None
    read: Callable[[], Iterator[np.ndarray]]


def _read_folder(paths: list[Path]) -> Iterator[np.ndarray]:
    first = None
    for path in paths:
        frame = read_image(path)
        first = frame.shape if first is None else first
        if frame.shape != first:
            raise DataError(
                f'{path}: expected {first[0]}x{first[1]} pixels like '
                f'{paths[0].name}, got {frame.shape[0]}x{frame.shape[1]}. '
                'The frames of a folder must have one size.')
        yield frame


def _read_video(path: Path) -> Iterator[np.ndarray]:
    for frame in read_frames(path, read_info(path)):
        yield frame.image


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


def _clip(path: Path, frames: list[Path] | None, start: int,
          limit: int | None, size: tuple[int, int] | None) -> CleanClip:
    """A clip of a folder's frames, or of a video where `frames` is None."""

    def read() -> Iterator[np.ndarray]:
        stop = None if limit is None else start + limit
        found = (_read_video(path) if frames is None
                 else _read_folder(frames[start:stop]))
        if frames is None:
            found = islice(found, start, stop)
        empty = True
        for frame in found:
            empty = False
            check_size(frame.shape[:2], str(path))
            yield frame if size is None else _fit(frame, size)
        if empty:
            raise DataError(f'{path}: expected frames from number {start} on, '
                            'but there are none. Start earlier.')

    total = None
    if frames is not None:
        total = max(0, len(frames) - start)
        total = total if limit is None else min(total, limit)
    name = path.name if frames is not None else path.stem
    return CleanClip(name, path, total, read)


def _folder_clips(folder: Path, **options: object) -> Iterator[CleanClip]:
    frames = [item for item in listed(folder) if is_image(item)]
    if frames:
        yield _clip(folder, frames, **options)
        return
    for item in listed(folder):
        frames = [path for path in listed(item) if is_image(path)
                  ] if item.is_dir() else []
        if frames:
            yield _clip(item, frames, **options)


def find_clips(inputs: Iterable[Path], start: int = 0,
               num_frames: int | None = None,
               size: tuple[int, int] | None = None) -> list[CleanClip]:
    """The clips in folders of frames, folders of such folders, and videos.

    Frames come in natural order. No frame is read yet.

    Args:
        inputs: Folders and video files.
        start: Number of the first frame to take, 0 or more.
        num_frames: How many frames to take at most; None for all.
        size: (height, width) to scale and cut the frames to, or None.

    Raises:
        DataError: An input is missing or holds no frames, or is an image.
    """
    clips = []
    for path in map(_absolute, inputs):
        options = dict(start=start, limit=num_frames, size=size)
        if path.is_dir():
            found = list(_folder_clips(path, **options))
            if not found:
                raise DataError(
                    f'{path}: expected frames ({", ".join(IMAGE_SUFFIXES)}) '
                    'or folders of frames, but there are none.')
            clips += found
        elif is_image(path):
            raise DataError(
                f'{path}: expected a folder of frames or a video, got an '
                'image. For a clip out of one image add --from-still.')
        else:
            clips.append(_clip(path, None, **options))
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
        DataError: An input is missing or is no image.
    """
    stills = [still for path in map(_absolute, inputs)
              for still in _stills(path)]

    def reader(index: int, path: Path, read: Callable[[], np.ndarray]
               ) -> Callable[[], Iterator[np.ndarray]]:
        return lambda: camera_frames(
            read(), num_frames, size, rng(index), name=str(path))

    return _with_unique_names([
        CleanClip(name, path, num_frames, reader(index, path, read))
        for index, (name, path, read) in enumerate(stills)])


def _stills(path: Path
            ) -> list[tuple[str, Path, Callable[[], np.ndarray]]]:
    """Name, path and reader of each still image of an input."""
    if path.suffix == '.npy':
        images = _read_array(path)
        return [(f'{index:05d}', path, partial(images.__getitem__, index))
                for index in range(len(images))]
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
    return images


def _absolute(path: Path) -> Path:
    # So that '.' has a name, which its sequence takes; links keep theirs.
    path = Path(os.path.abspath(path))
    if not path.exists():
        raise DataError(f'{path}: expected a folder of frames, a video or an '
                        'image, but it does not exist. Mend the path.')
    return path


def _with_unique_names(clips: list[CleanClip]) -> list[CleanClip]:
    taken, result = set(), []
    for clip in clips:
        name, number = clip.name, 1
        while name in taken:
            number += 1
            name = f'{clip.name}_{number}'
        taken.add(name)
        result.append(CleanClip(name, clip.path, clip.num_frames, clip.read))
    return result
