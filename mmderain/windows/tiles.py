"""Spatial tiles: a frame in pieces that fit into memory, without seams.

Knows nothing of models: it is given a function from clip to clip.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from mmderain.windows.arrays import Array, device_of, namespace

Restore = Callable[[Array], Array]


@dataclass(frozen=True)
class TileSpec:
    """How a frame is cut.

    At every side where a tile has a neighbour, half of the overlap is thrown
    away, since a network sees too little there; what is left is averaged
    (``test_video`` of the official ViMP-Net, as in VRT).

    With a margin the frame is first extended by replication, so that tiles
    reach out of it and half of the overlap is thrown away at its sides, too.
    The first tile starts ``margin`` above and left of the frame, and the last
    one is not moved back: the frame is extended as far as it needs (the test
    script of the official J4R-Net).

    Args:
        size: Height and width of a tile, in pixels.
        overlap: Pixels that neighbours share, even.
        margin: Pixels that the first tile reaches out of the frame: 0, or
            half of the overlap and more.
    """

    size: tuple[int, int] = (256, 256)
    overlap: int = 32
    margin: int = 0

    def __post_init__(self) -> None:
        if self.overlap < 0 or self.overlap % 2:
            raise ValueError('overlap has to be even and not negative, got '
                             f'{self.overlap}')
        if min(self.size) <= self.overlap:
            raise ValueError(f'tiles of {self.size} leave nothing after an '
                             f'overlap of {self.overlap}')
        if self.margin and self.margin < self.overlap // 2:
            raise ValueError(
                f'margin={self.margin} has to be 0 or at least half of '
                f'overlap={self.overlap}, which is thrown away')

    def padding(self, height: int,
                width: int) -> tuple[int, int, int, int] | None:
        """Pixels to add left, right, above and below; None without margin."""
        if not self.margin:
            return None
        drop = self.overlap // 2
        added = []
        for length, window in ((width, self.size[1]), (height, self.size[0])):
            stride = window - self.overlap
            # steps until what is left of the last tile covers the frame
            steps = -(-(self.margin + length + drop - window) // stride)
            added += [self.margin,
                      max(0, steps) * stride + window - self.margin - length]
        return tuple(added)

    def count(self, height: int, width: int) -> int:
        """How many tiles a frame is cut into."""
        left, right, top, bottom = self.padding(height, width) or (0, ) * 4
        return len(self.corners(top + height + bottom, left + width + right))

    def corners(self, height: int, width: int) -> list[tuple[int, int]]:
        """Top and left of each tile, in a frame that has been extended."""
        tops, lefts = (
            starts(length, size, size - self.overlap)
            for length, size in zip((height, width), self.size, strict=True))
        return [(top, left) for top in tops for left in lefts]


def starts(length: int, window: int, stride: int) -> list[int]:
    """Where windows begin; the last one is moved back to end at the end."""
    last = max(0, length - window)
    return [*range(0, last, stride), last]


def pad_to_multiple(clip: Array, divisor: int) -> Array:
    """Repeat the last rows and columns up to a multiple of ``divisor``.

    Args:
        clip: Shape (n, t, c, h, w).
    """
    height, width = clip.shape[-2:]
    return extend(clip, (0, -width % divisor, 0, -height % divisor))


def extend(clip: Array, padding: tuple[int, int, int, int]) -> Array:
    """Repeat the outermost rows and columns.

    Args:
        clip: Shape (n, t, c, h, w).
        padding: Pixels to add left, right, above and below.
    """
    left, right, top, bottom = padding
    for axis, before, after in ((-2, top, bottom), (-1, left, right)):
        if before or after:
            clip = _repeat_ends(clip, axis, before, after)
    return clip


def _repeat_ends(clip: Array, axis: int, before: int, after: int) -> Array:
    xp, length = namespace(clip), clip.shape[axis]
    places = [min(max(place, 0), length - 1)
              for place in range(-before, length + after)]
    return xp.take(clip, xp.asarray(places, device=device_of(clip)),
                   axis=axis)


def restore_whole(clip: Array, restore: Restore, divisor: int = 1,
                  margin: int = 0) -> Array:
    """One pass over whole frames of any size.

    Args:
        clip: Shape (n, t, c, h, w).
        restore: Takes sizes that ``divisor`` divides; may return fewer frames
            than it gets.
        divisor: The network's; frames are padded for it and cropped back.
        margin: Pixels of replicated context that the network needs around a
            frame; cropped off again.
    """
    height, width = clip.shape[-2:]
    extended = pad_to_multiple(extend(clip, (margin, ) * 4), divisor)
    return restore(extended)[..., margin:margin + height,
                             margin:margin + width]


def restore_tiled(clip: Array,
                  restore: Restore,
                  tile: TileSpec,
                  divisor: int = 1,
                  batch: int = 1) -> Array:
    """The same in tiles, put together.

    Args:
        clip: Shape (n, t, c, h, w). A frame smaller than a tile is one tile
            of its size, or extended to a tile if tiles have a margin.
        restore: As for :func:`restore_whole`.
        tile: Size, overlap and margin.
        divisor: The network's.
        batch: How many tiles ``restore`` gets at once: (batch * n, t, c, h,
            w), the clips of a tile one after the other.

    Returns:
        Array: Shape (n, t', c', h, w), t' and c' as ``restore`` returns them.
    """
    height, width = clip.shape[-2:]
    padding = tile.padding(height, width)
    if padding is not None:
        whole_tiles = dataclasses.replace(tile, margin=0)
        restored = restore_tiled(extend(clip, padding), restore, whole_tiles,
                                 divisor, batch)
        left, _, top, _ = padding
        return restored[..., top:top + height, left:left + width]
    tile_h, tile_w = (min(tile.size[0], height), min(tile.size[1], width))
    drop = tile.overlap // 2
    total = weight = None
    corners = tile.corners(height, width)
    xp = namespace(clip)
    for first in range(0, len(corners), batch):
        group = corners[first:first + batch]
        pieces = xp.concat([
            clip[..., top:top + tile_h, left:left + tile_w]
            for top, left in group])
        restored = restore_whole(pieces, restore, divisor)
        count = restored.shape[0] // len(group)
        for index, (top, left) in enumerate(group):
            piece = restored[index * count:(index + 1) * count]
            bottom, right = top + tile_h, left + tile_w
            if total is None:
                like = dict(dtype=piece.dtype, device=device_of(piece))
                total = xp.zeros((*piece.shape[:-2], height, width), **like)
                weight = xp.zeros((height, width), **like)
            # what remains after dropping the sides that have a neighbour
            y0 = top + drop * (top > 0)
            y1 = bottom - drop * (bottom < height)
            x0 = left + drop * (left > 0)
            x1 = right - drop * (right < width)
            total[..., y0:y1, x0:x1] += piece[..., y0 - top:y1 - top,
                                              x0 - left:x1 - left]
            weight[y0:y1, x0:x1] += 1
    return total / weight
