"""A restored frame, and what a derainer says of it."""

from typing import NamedTuple

from mmderain.windows.arrays import Array


class JudgedFrame(NamedTuple):
    """A restored frame, and what was done to it beside restoring.

    Args:
        planes: (3, h, w), or (3 + m, h, w) with maps.
        guarded: The part of the rainy frame that the guard gave back, from 0
            to 1; 0 where there is no guard.
        drops: How many drops on the lens were filled.
        covered: The part of the frame that they covered, from 0 to 1.
    """

    planes: Array
    guarded: float = 0.0
    drops: int = 0
    covered: float = 0.0
