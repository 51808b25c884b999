"""Clips of one size out of a folder of real videos and pictures."""

import math
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from mmderain.errors import DataError
from mmderain.media.frame_source import open_source
from mmderain.media.images import is_image, listed, read_image
from mmderain.media.left_out import is_video
from mmderain.synthesis.motion import camera_frames

# pixels across a video that is kept in memory
_WIDTH = 480
# sides of a picture, in those of the clips
_ROOM = 1.4
# of a picture one drives into, a frame, on a logarithmic scale
_GROWTH = (0.001, 0.015)


class Footage:
    """Real scenes; each video is read once and kept, made smaller.

    Args:
        folders: With videos and images; what is something else is left alone.
        held_out: Names, without suffix, or beginnings of them, that are not
            used.

    Raises:
        DataError: A folder is missing or has neither.
    """

    def __init__(self, folders: tuple[Path, ...],
                 held_out: tuple[str, ...] = ()) -> None:
        paths = [path for folder in folders for path in listed(folder)
                 if not path.stem.startswith(held_out or ('\0', ))]
        self.videos = [path for path in paths if is_video(path)]
        self.pictures = [path for path in paths if is_image(path)]
        if folders and not (self.videos or self.pictures):
            raise DataError(
                f'{", ".join(map(str, folders))}: expected videos or images, '
                'but there are none. Fix the path.')

    @cached_property
    def _clips(self) -> list[np.ndarray]:
        return [_shrunk_video(path) for path in self.videos]

    @cached_property
    def _stills(self) -> list[np.ndarray]:
        return [read_image(path) for path in self.pictures]

    def check(self, size: tuple[int, int]) -> None:
        """Look at every file before any work.

        Args:
            size: (height, width) of the clips.

        Raises:
            DataError: One cannot be read, or a picture is too small.
        """
        for path in self.videos:
            next(open_source(path).pictures())
        for path in self.pictures:
            shape = read_image(path).shape[:2]
            least = [math.ceil(_ROOM * side) for side in size]
            if shape[0] < least[0] or shape[1] < least[1]:
                raise DataError(
                    f'{path}: expected {least[0]}x{least[1]} pixels or more, '
                    f'so that a camera can move over it, got {shape[0]}x'
                    f'{shape[1]}. Leave it out (--hold-out {path.stem}).')

    def kinds(self) -> dict[str, Callable]:
        """What there is to draw from, by name."""
        kinds = {}
        if self.videos:
            kinds['video'] = self.video_clip
        if self.pictures:
            kinds['picture'] = self.picture_clip
            kinds['forward'] = self.forward_clip
        return kinds

    def video_clip(self, size: tuple[int, int], num_frames: int,
                   rng: np.random.Generator) -> np.ndarray:
        """A crop of a video: (t, h, w, 3) uint8 RGB.

        One that is too short runs to and fro.
        """
        clip = self._clips[rng.integers(len(self._clips))]
        step = int(rng.integers(1, 3))
        span = max(1, len(clip) - 1)
        times = rng.integers(len(clip)) + step * np.arange(num_frames)
        times = span - np.abs(times % (2 * span) - span)
        if rng.random() < 0.5:
            times = times[::-1]
        height, width = clip.shape[1:3]
        # between as large as fits and as it is
        smallest = max(size[0] / height, size[1] / width)
        scale = np.exp(rng.uniform(np.log(min(1, smallest)), 0))
        scale = max(scale, smallest)
        tall, wide = (int(side / scale) for side in size)
        top = rng.integers(height - tall + 1)
        left = rng.integers(width - wide + 1)
        part = clip[times, top:top + tall, left:left + wide]
        return np.stack([cv2.resize(frame, size[::-1],
                                    interpolation=cv2.INTER_AREA)
                         for frame in part])

    def picture_clip(self, size: tuple[int, int], num_frames: int,
                     rng: np.random.Generator) -> np.ndarray:
        """A camera in motion over a picture: (t, h, w, 3) uint8 RGB."""
        picture = self._stills[rng.integers(len(self._stills))]
        room = min(picture.shape[0] / size[0], picture.shape[1] / size[1])
        scale = np.exp(rng.uniform(np.log(1.4), np.log(max(1.5, room))))
        scale = min(1.0, scale / room)
        picture = cv2.resize(picture, None, fx=scale, fy=scale,
                             interpolation=cv2.INTER_AREA)
        return np.stack(list(camera_frames(
            picture, num_frames, size, rng, speed=rng.choice((.01, .05)),
            zoom=0.3, shake=0.006)))

    def forward_clip(self, size: tuple[int, int], num_frames: int,
                     rng: np.random.Generator) -> np.ndarray:
        """A camera that drives into a picture: (t, h, w, 3) uint8 RGB.

        Where it drives to nothing moves, and farther out all the more.
        """
        picture = self._stills[rng.integers(len(self._stills))]
        height, width = size
        room = min(picture.shape[0] / height, picture.shape[1] / width)
        widest = np.exp(rng.uniform(0, np.log(max(1.0, room))))
        growth = rng.uniform(*_GROWTH) * (num_frames - 1)
        # picture pixels per frame pixel, from the first to the last frame
        scales = widest * np.exp(-np.linspace(0, growth, num_frames))
        scales = scales if rng.random() < 0.7 else scales[::-1]
        goal = rng.uniform(0.2, 0.8, 2) * (width, height)
        space = np.array([picture.shape[1] - widest * width,
                          picture.shape[0] - widest * height])
        place = rng.uniform(0, 1, 2) * np.maximum(space, 0) + widest * goal
        shake = rng.uniform(0, 0.5) * rng.standard_normal((num_frames, 2))
        frames = []
        for scale, shift in zip(scales, shake, strict=True):
            # shrunk by halves before, so that nothing aliases
            half = max(0, int(np.log2(scale)))
            small = self._halved(picture, half)
            origin = (place - scale * (goal + shift)) / 2 ** half
            step = scale / 2 ** half
            frames.append(cv2.warpAffine(
                small, np.array([[step, 0, origin[0]], [0, step, origin[1]]]),
                size[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT_101))
        return np.stack(frames)

    def _halved(self, picture: np.ndarray, times: int) -> np.ndarray:
        for _ in range(times):
            picture = cv2.pyrDown(picture)
        return picture


def _shrunk_video(path: Path) -> np.ndarray:
    frames = []
    for image in open_source(path).pictures():
        scale = min(1.0, _WIDTH / image.shape[1])
        frames.append(cv2.resize(image, None, fx=scale, fy=scale,
                                 interpolation=cv2.INTER_AREA))
    return np.stack(frames)
