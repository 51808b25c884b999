"""A frame and what became of it."""

from typing import NamedTuple

import numpy as np

from mmderain.media.video_info import TimedFrame

REMOVED = 'removed'  # the map that every model has


class DerainedFrame(NamedTuple):
    """A frame and its result.

    Args:
        source: The rainy frame.
        image: (h, w, 3) uint8 RGB.
        maps: Name to plane (h, w) uint8.
        guarded: The part of the rainy frame that the derainer's guard gave
            back, from 0 to 1.
        drops: How many drops on the lens were filled.
        covered: The part of the frame that they covered, from 0 to 1.
    """

    source: TimedFrame
    image: np.ndarray
    maps: dict[str, np.ndarray]
    guarded: float = 0.0
    drops: int = 0
    covered: float = 0.0


def removed(source: np.ndarray, image: np.ndarray) -> np.ndarray:
    """How much of a frame was changed, (h, w) uint8: of the colours the most.

    Args:
        source: (h, w, 3) uint8, the rainy frame.
        image: The same, of the result.
    """
    change = np.abs(image.astype(np.int16) - source)
    return change.max(axis=2).astype(np.uint8)
