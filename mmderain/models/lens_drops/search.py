"""Where on the lens there are drops, block by block.

The network looks at each block as it is, and where it finds drops once more as
one sees it who slides down: to him drops stand that slide, too.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

import cv2
import numpy as np

from mmderain.models.lens_drops import statistics
from mmderain.models.lens_drops.drop_mask import sure_drops, with_sliding
from mmderain.models.lens_drops.statistics import BLOCK, Block, BlockMaker

# from planes (p, h, w) uint8 to the cover (h, w) float32 in [0, 1]
FindDrops = Callable[[np.ndarray], np.ndarray]

# weights of a block's cover and its neighbours': a drop has to persist
_SMOOTHING = (0.25, 0.5, 0.25)
# blocks on either side that a block's cover depends on
COVER_REACH = statistics.REACH + 1


class _Found(NamedTuple):
    """What the network finds in a block.

    Args:
        frames: Of the block, as they came.
        cover: (h, w) float32, small.
        slid: The same as found by one who slides; None where no drops stand.
    """

    frames: list[np.ndarray]
    cover: np.ndarray
    slid: np.ndarray | None


def found_drops(frames: Iterable[np.ndarray], find: FindDrops
                ) -> Iterator[tuple[list[np.ndarray], np.ndarray]]:
    """Blocks of frames, and where drops hide them, (h, w) bool, small."""
    for found in _smoothed(_covers(_blocks(frames), find)):
        drops = sure_drops(found.cover)
        yield found.frames, (
            drops if found.slid is None or not drops.any()
            else with_sliding(drops, found.slid))


def _blocks(frames: Iterable[np.ndarray]
            ) -> Iterator[tuple[list[np.ndarray], Block]]:
    frames, maker = iter(frames), BlockMaker()
    while block := list(islice(frames, BLOCK)):
        height, width = statistics.small_size(*block[0].shape[:2])
        yield block, maker.block([
            cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
            for frame in block])


def _covers(blocks: Iterable[tuple[list[np.ndarray], Block]],
            find: FindDrops) -> Iterator[_Found]:
    """What the network finds in each block.

    Of clips so short that no window is longer on one side nothing is known.
    """
    for centre, around in with_neighbours(blocks, statistics.REACH):
        frames, block = around[centre]
        if len(around) <= statistics.REACH:
            yield _Found(frames, np.zeros(block.picture.shape[:2],
                                          np.float32), None)
            continue
        all_blocks = [item for _, item in around]
        cover = find(statistics.planes(all_blocks, centre))
        # a clean lens costs nothing more
        slid = find(statistics.slid_planes(
            all_blocks, centre)) if sure_drops(cover).any() else None
        yield _Found(frames, cover, slid)


def _smoothed(blocks: Iterable[_Found]) -> Iterator[_Found]:
    for centre, around in with_neighbours(blocks, 1):
        weights = _SMOOTHING[1 - centre:][:len(around)]
        cover = sum(weight * found.cover for weight, found in zip(
            weights, around, strict=True)) / sum(weights)
        yield around[centre]._replace(cover=cover)


def with_neighbours(items: Iterable, reach: int) -> Iterator[tuple[int, list]]:
    """For each item its place among it and its neighbours, and these."""
    window: list = []
    centre = 0
    ends = [None] * reach
    for item in chain(items, ends):
        if item is not None:
            window.append(item)
        if len(window) > centre and (item is None or len(window) > (
                centre + reach)):
            yield centre, window[:]
            if centre == reach:
                del window[0]
            else:
                centre += 1
