"""Spatial tiles: a frame in pieces that fit into memory, without seams.

Knows nothing of models: it is given a function from clip to clip.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

Restore = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class TileSpec:
    """How a frame is cut.

    At every side where a tile has a neighbour, half of the overlap is thrown
    away, since a network sees too little there; what is left is averaged
    (``test_video`` of the official ViMP-Net, as in VRT).

    Args:
        size: Height and width of a tile, in pixels.
        overlap: Pixels that neighbours share, even.
    """

    size: tuple[int, int] = (256, 256)
    overlap: int = 32

    def __post_init__(self) -> None:
        if self.overlap < 0 or self.overlap % 2:
            raise ValueError('overlap has to be even and not negative, got '
                             f'{self.overlap}')
        if min(self.size) <= self.overlap:
            raise ValueError(f'tiles of {self.size} leave nothing after an '
                             f'overlap of {self.overlap}')


def starts(length: int, window: int, stride: int) -> list[int]:
    """Where windows begin; the last one is moved back to end at the end."""
    last = max(0, length - window)
    return [*range(0, last, stride), last]


def pad_to_multiple(clip: Tensor, divisor: int) -> Tensor:
    """Repeat the last rows and columns up to a multiple of ``divisor``.

    Args:
        clip: Shape (n, t, c, h, w).
    """
    height, width = clip.shape[-2:]
    down, right = -height % divisor, -width % divisor
    if not down and not right:
        return clip
    frames = F.pad(clip.flatten(0, 1), (0, right, 0, down), mode='replicate')
    return frames.unflatten(0, clip.shape[:2])


def restore_whole(clip: Tensor, restore: Restore, divisor: int = 1) -> Tensor:
    """One pass over whole frames of any size.

    Args:
        clip: Shape (n, t, c, h, w).
        restore: Takes sizes that ``divisor`` divides; may return fewer frames
            than it gets.
        divisor: The network's; frames are padded for it and cropped back.
    """
    height, width = clip.shape[-2:]
    return restore(pad_to_multiple(clip, divisor))[..., :height, :width]


def restore_tiled(clip: Tensor,
                  restore: Restore,
                  tile: TileSpec,
                  divisor: int = 1) -> Tensor:
    """The same in tiles, put together.

    Args:
        clip: Shape (n, t, c, h, w). A frame smaller than a tile is one tile.
        restore: As for :func:`restore_whole`.
        tile: Size and overlap.
        divisor: The network's.

    Returns:
        Tensor: Shape (n, t', c', h, w), t' and c' as ``restore`` returns them.
    """
    height, width = clip.shape[-2:]
    tile_h, tile_w = (min(tile.size[0], height), min(tile.size[1], width))
    drop = tile.overlap // 2
    total = weight = None
    for top in starts(height, tile.size[0], tile.size[0] - tile.overlap):
        for left in starts(width, tile.size[1], tile.size[1] - tile.overlap):
            bottom, right = top + tile_h, left + tile_w
            piece = restore_whole(clip[..., top:bottom, left:right], restore,
                                  divisor)
            if total is None:
                total = piece.new_zeros(*piece.shape[:-2], height, width)
                weight = piece.new_zeros(height, width)
            # what remains after dropping the sides that have a neighbour
            y0 = top + drop * (top > 0)
            y1 = bottom - drop * (bottom < height)
            x0 = left + drop * (left > 0)
            x1 = right - drop * (right < width)
            total[..., y0:y1, x0:x1] += piece[..., y0 - top:y1 - top,
                                              x0 - left:x1 - left]
            weight[y0:y1, x0:x1] += 1
    return total / weight
