"""How much of the result goes into the output."""

import math
from pathlib import Path

import numpy as np

from mmderain.errors import DataError, UserError
from mmderain.media.images import read_image
from mmderain.media.losses import is_transparent, read_unchanged


class Mixer:
    """Mixes input and result.

    Args:
        strength: Share of the result, from 0 to 1.
        leave_below: Frames whose mean change is at most this, in levels of
            255, are left as they are; from twice that on they are not. In
            between they are mixed, so that a scene does not flicker.
        mask: An image; white keeps the input, grey mixes. None for none.
        size: Height and width of the frames.

    Raises:
        UserError: A number is out of its range, or the mask cannot be read or
            is of another size.
    """

    def __init__(self, strength: float, leave_below: float,
                 mask: Path | None, size: tuple[int, int]) -> None:
        if not 0 <= strength <= 1:
            raise UserError(f'--strength {strength}: expected a number from 0 '
                            '(the input) to 1 (the result).')
        if not 0 <= leave_below < math.inf:
            raise UserError(f'--leave-below {leave_below}: expected a number '
                            'of levels of 255, from 0 on.')
        self.strength = strength
        self.leave_below = leave_below
        self.free = None
        if mask is not None:
            image = read_image(mask)
            if is_transparent(read_unchanged(mask)):
                raise DataError(
                    f'{mask}: expected a mask in white and black, got one '
                    'with transparency, which says nothing of either. Fill '
                    'what is transparent, and save it without an alpha '
                    'channel.')
            if image.shape[:2] != size:
                raise DataError(
                    f'{mask}: expected a mask of {size[0]}x{size[1]} pixels '
                    f'like the frames, got {image.shape[0]}x{image.shape[1]}.')
            self.free = 1 - image.mean(axis=2, keepdims=True,
                                       dtype=np.float32) / 255

    def mix(self, source: np.ndarray,
            result: np.ndarray) -> tuple[np.ndarray, float]:
        """Mix one frame.

        Args:
            source: The rainy frame, (h, w, 3) uint8.
            result: The derained one.

        Returns:
            The mixed frame, and the weight that the result got for its
            change, 0 for a frame that is left as it is.
        """
        weight = 1.0
        if self.leave_below:
            change = np.abs(result.astype(np.int16) - source).mean()
            weight = float(np.clip(change / self.leave_below - 1, 0, 1))
        share = self.strength * weight
        if share == 0:
            return source, weight
        if share == 1 and self.free is None:
            return result, weight
        start = source.astype(np.float32)
        share = share if self.free is None else share * self.free
        mixed = start + share * (result - start)
        return np.rint(mixed).astype(np.uint8), weight
