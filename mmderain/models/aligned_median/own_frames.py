"""Keeps frames of other scenes out of the window of a frame.

A frame of another scene, or of another light (a flash), tells nothing of the
one in the middle, and optical flow to it is nonsense.
"""

from collections.abc import Callable

import cv2
import numpy as np

from mmderain.models.aligned_median.window import CENTRE, FRAMES
from mmderain.windows.arrays import Array

# columns and rows of the coarse view in which frames are compared
_VIEW = 24, 14
# samples of each of its pixels along a side
_SAMPLES = 6
# what is foreign differs by more levels than these, and so many times as much
# as the window's frames do from each other where they differ least, or nearly
_LEAST = 8
_TIMES = 1.75
_NEARLY = 2  # among the ten pairs, from 0 on
# the change of frames that are the same, but for how they were coded
_REPEATED = 0.1
_COLOURS = 3


def without_other_scenes(prepare_window: Callable[..., Array]
                         ) -> Callable[..., Array]:
    """Prepare windows of their centre frame's scene alone.

    Args:
        prepare_window: From a window (5, c, h, w), uint8, the first of its
            planes RGB, and what may guide it, of other planes, to what a
            network takes.
    """
    def prepare(window: Array, *guides: Array) -> Array:
        if len(window) != FRAMES:  # as of a file that says wrong things
            return prepare_window(window, *guides)
        taken = own_scene(np.asarray(window[:, :_COLOURS]))
        return prepare_window(*(clip[taken] for clip in (window, *guides)))
    return prepare


def own_scene(window: np.ndarray) -> list[int]:
    """Which frames to take for a window: those of its centre frame's scene.

    Args:
        window: Frames (5, c, h, w), uint8.

    Returns:
        list[int]: Five of its indices. A frame of another scene is replaced
        by that on the other side of the centre, as where a clip is mirrored
        at its ends, or by the centre itself; all are the centre where it has
        but one neighbour, which tells too little.
    """
    foreign = _foreign(window)
    if foreign.sum() > 2:
        return [CENTRE] * len(window)
    taken = np.arange(len(window))
    for step in (-1, 1):
        near, far = CENTRE + step, CENTRE + 2 * step
        for index, is_mirrored in ((near, True), (far, foreign[near])):
            if foreign[index]:
                opposite = 2 * CENTRE - index
                taken[index] = (opposite if is_mirrored
                                and not foreign[opposite] else CENTRE)
    return taken.tolist()


def _foreign(window: np.ndarray) -> np.ndarray:
    """Which frames are not of the centre's scene, (5, ) bool."""
    views = np.stack([_view(frame) for frame in window])
    changes = np.abs(views[:, None] - views).mean((2, 3, 4))
    pairs = _told(changes[np.triu_indices(len(window), 1)])
    near = pairs[_NEARLY] if len(pairs) > _NEARLY else 0
    # in twice the time things come twice as far at most; rain does not
    far = np.clip(_told(np.diagonal(changes, 2))[:1], near, 2 * near)
    far = far[0] if len(far) else near
    usual = np.array([far, near, 0, near, far])
    return changes[CENTRE] > _TIMES * usual + _LEAST


def _told(changes: np.ndarray) -> np.ndarray:
    """Sorted, without those of frames that are repeated."""
    return np.sort(changes[changes > _REPEATED])


def _view(frame: np.ndarray) -> np.ndarray:
    """Means over blocks, (c, rows, columns), float32."""
    size = [min(sides) for sides in zip(_VIEW, frame.shape[:0:-1],
                                        strict=True)]
    step = max(1, min(frame.shape[-1] // size[0], frame.shape[-2] // size[1])
               // _SAMPLES)
    return np.stack([cv2.resize(plane[::step, ::step], size,
                                interpolation=cv2.INTER_AREA)
                     for plane in frame]).astype(np.float32)
