"""Crops of clips that are all of one size."""

from pathlib import Path

import numpy as np
import torch

from mmderain.errors import DataError


class ClipCrops:
    """Draws the place of a crop.

    Args:
        folder: Of the clips, for messages.
        size: (height, width) of the clips.
        crop_size: Side of the crops in pixels; whole clips when None.

    Raises:
        DataError: The clips are smaller than that.
    """

    def __init__(self, folder: Path, size: tuple[int, int],
                 crop_size: int | None) -> None:
        if crop_size is not None and crop_size > min(size):
            raise DataError(f'{folder}: clips of {size} pixels have no crops '
                            f'of {crop_size}. Lower crop_size, or render '
                            'larger clips.')
        self.size = size
        self.crop_size = crop_size

    def draw(self) -> tuple[slice, slice]:
        """Rows and columns of a crop."""
        side = self.crop_size
        if side is None:
            return tuple(map(slice, self.size))
        top, left = (np.random.randint(whole - side + 1)
                     for whole in self.size)
        return slice(top, top + side), slice(left, left + side)


def as_tensor(array: np.ndarray) -> torch.Tensor:
    """A tensor with memory of its own of a part of an array."""
    return torch.from_numpy(np.ascontiguousarray(array))
