"""Where another scene begins within a window.

A frame of another scene, or of another light (a flash), tells nothing of the
frame that is restored, and optical flow to it is nonsense.
"""

from collections.abc import Callable

import cv2
import numpy as np

from mmderain.models.aligned_median.window import CENTRE
from mmderain.windows.arrays import Array

# columns and rows of the coarse view in which frames are compared
_VIEW = 24, 14
# samples of each of its pixels along a side
_SAMPLES = 6
# a cut changes the view by more levels than these, and so many times as much
# as the second least of the window's changes: rain and motion, which are the
# same in all, have up to 1.5 times as much
_LEAST = 8
_TIMES = 2
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
        taken = own_scene(np.asarray(window[:, :_COLOURS]))
        return prepare_window(*(clip[taken] for clip in (window, *guides)))
    return prepare


def own_scene(window: np.ndarray) -> list[int]:
    """Which frames to take for a window: those of its centre frame's scene.

    Args:
        window: Frames (5, c, h, w), uint8.

    Returns:
        list[int]: Five of its indices: for a frame of another scene the one
        as far on the other side of the centre, or the centre itself.
    """
    cuts = _cuts(window)
    first = last = CENTRE
    while first and not cuts[first - 1]:
        first -= 1
    while last < len(cuts) and not cuts[last]:
        last += 1
    scene = range(first, last + 1)
    return [next(taken for taken in (index, 2 * CENTRE - index, CENTRE)
                 if taken in scene) for index in range(len(window))]


def _cuts(window: np.ndarray) -> list[bool]:
    """Between each frame and the next."""
    views = np.stack([_view(frame) for frame in window])
    changes = np.abs(np.diff(views, axis=0)).mean((1, 2, 3))
    # between frames that are repeated nothing can be told
    told = np.sort(changes[changes > _REPEATED])
    usual = told[1] if len(told) > 1 else 0
    return list(changes > _TIMES * usual + _LEAST)


def _view(frame: np.ndarray) -> np.ndarray:
    """Means over blocks, (c, rows, columns), float32."""
    size = [min(sides) for sides in zip(_VIEW, frame.shape[:0:-1],
                                        strict=True)]
    step = max(1, min(frame.shape[-1] // size[0], frame.shape[-2] // size[1])
               // _SAMPLES)
    return np.stack([cv2.resize(plane[::step, ::step], size,
                                interpolation=cv2.INTER_AREA)
                     for plane in frame]).astype(np.float32)
