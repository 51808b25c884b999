"""Which of what the network found is taken for drops."""

import cv2
import numpy as np

from mmderain.models.lens_drops.blending import quarter
from mmderain.models.lens_drops.statistics import BLOCK, SLIDE

# part of a frame that drops may cover; where more seems covered, something
# else is wrong, and nothing would be left to fill it from
_MOST_COVERED = 0.4
# part of a frame that a hole in a drop may have at most
_LARGEST_HOLE = 1 / 64
_HIDES = 0.35  # cover from which a pixel is filled
_SURE = 0.8  # cover that a drop has in a part of it, and how large that is
_SURE_PART = 0.1
# the same of a drop that slides, which fewer frames tell, and part of it that
# may have been found anyway
_SLIDE_HIDES, _SLIDE_SURE_PART, _SLIDE_FOUND = 0.65, 0.45, 0.6
_COUNTS = 0.5  # what was replaced, from which it is counted


def sure_drops(found: np.ndarray) -> np.ndarray:
    """What hides and is sure in parts; nothing where it is too much.

    Args:
        found: (h, w) float32 of the network, 0 to 1.

    Returns:
        (h, w) bool.
    """
    drops = _sure(found, _HIDES, _SURE_PART)
    return drops if drops.mean() <= _MOST_COVERED else np.zeros_like(drops)


def with_sliding(drops: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Drops, and those that slide in the block, wherever they come.

    Args:
        drops: (h, w) bool, found where they stand.
        found: (h, w) float32, what the network finds who slides, 0 to 1.

    Returns:
        (h, w) bool.
    """
    slide = _sure(found, _SLIDE_HIDES, _SLIDE_SURE_PART, drops)
    # from where they are half way
    reach = round(SLIDE * (BLOCK - 1) / 2)
    more = drops | (cv2.dilate(slide.astype(np.uint8), np.ones(
        (2 * reach + 1, 1), np.uint8)) > 0)
    return more if more.mean() <= _MOST_COVERED else drops


def _sure(found: np.ndarray, hides: float, sure_part: float,
          known: np.ndarray | None = None) -> np.ndarray:
    """What hides and is sure in parts, but for what is known mostly."""
    count, labels = cv2.connectedComponents(
        (found > hides).astype(np.uint8), connectivity=8)
    sizes, sure = (np.bincount(numbers.ravel(), minlength=count)
                   for numbers in (labels, labels[found > _SURE]))
    sure[0] = 0  # what hides nothing
    chosen = sure >= sure_part * sizes
    if known is not None:
        chosen &= np.bincount(labels[known], minlength=count) < (
            _SLIDE_FOUND * sizes)
    return _without_holes(chosen[labels])


def _without_holes(drops: np.ndarray) -> np.ndarray:
    """The same with what is inside of rims: no drop is a ring."""
    _, labels, figures, _ = cv2.connectedComponentsWithStats(
        (~drops).astype(np.uint8), connectivity=4)
    left, top, width, height, area = figures.T
    is_hole = (left > 0) & (top > 0) & (
        left + width < drops.shape[1]) & (top + height < drops.shape[0]) & (
        area <= _LARGEST_HOLE * drops.size)
    is_hole[0] = False  # the drops themselves
    return drops | is_hole[labels]


def count_drops(cover: np.ndarray) -> int:
    """How many drops a cover shows."""
    return cv2.connectedComponents(
        (quarter(cover) > _COUNTS).astype(np.uint8), connectivity=8)[0] - 1
