"""A video through the search for drops and their filling, block by block.

Of a frame's block it is asked where drops are once the blocks of the longest
window have come; a frame leaves once the frames have come in which what it
hides may be seen again. Nothing depends on frames farther away than that, so
that a stream which began in the middle gives the same frames.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import cv2
import numpy as np

from mmderain.models.lens_drops import fill
from mmderain.models.lens_drops.blending import (
    Filling,
    beside,
    blend,
    share_of,
)
from mmderain.models.lens_drops.drop_mask import count_drops
from mmderain.models.lens_drops.fill import (
    FlowFinder,
    Hidden,
    Sight,
    flow_at,
)
from mmderain.models.lens_drops.search import (
    COVER_REACH,
    FindDrops,
    found_drops,
    with_neighbours,
)
from mmderain.models.lens_drops.statistics import BLOCK

# blocks on either side that a frame's sights depend on
SIGHT_REACH = -(-fill.REACH // BLOCK)
# flow is found at this part of the frame, and not on more pixels than these
_FLOW_SCALE, _FLOW_AREA = 0.5, 640 * 360


class FilledFrame(NamedTuple):
    """A frame without drops.

    Args:
        image: (h, w, 3) uint8 RGB; the very frame where it has no drops.
        cover: (h, w) float32, how much of it was replaced, 0 to 1.
        trust: (h, w) float32, how sure that is, 0 to 1.
        drops: How many were replaced.
    """

    image: np.ndarray
    cover: np.ndarray
    trust: np.ndarray
    drops: int = 0


class _Part(NamedTuple):
    """A block whose drops are known.

    Args:
        frames: Each (h, w, 3) uint8 RGB.
        lumas: The same as pictures (h, w) uint8 for flow, smaller.
        cover: (h, w) float32, how much is to be replaced.
        hidden: The pixels of which that is more than nothing.
        small_mask: (h, w) bool, the same for flow.
    """

    frames: list[np.ndarray]
    lumas: list[np.ndarray]
    cover: np.ndarray
    hidden: Hidden
    small_mask: np.ndarray


def restart_frame(frame: int) -> int:
    """Where a stream has to begin to give ``frame`` as if unbroken."""
    # one more, as a stream's first frame has none to differ from
    blocks = frame // BLOCK - SIGHT_REACH - COVER_REACH - 1
    return max(0, BLOCK * blocks)


def fill_frames(frames: Iterable[np.ndarray], find: FindDrops
                ) -> Iterator[FilledFrame]:
    """Replace what drops hide.

    Args:
        frames: Each (h, w, 3) uint8 RGB, all of one size.
        find: Finds drops.
    """
    parts = (_part(*item) for item in found_drops(frames, find))
    flows = _Flows()
    sights: deque[Sight] = deque(maxlen=1)
    for centre, around in with_neighbours(parts, SIGHT_REACH):
        yield from _filled(around, centre, flows, sights)


def _part(frames: list[np.ndarray], drops: np.ndarray) -> _Part:
    """Where the frames of a block are hidden."""
    height, width = frames[0].shape[:2]
    soft = cv2.blur(drops.astype(np.float32), (3, 3))
    cover = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    lumas = [_flow_luma(frame) for frame in frames]
    mask = cover > 0
    return _Part(frames, lumas, cover, Hidden(mask), cv2.resize(
        mask.astype(np.uint8), lumas[0].shape[::-1],
        interpolation=cv2.INTER_AREA) > 0)


def _flow_luma(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    scale = min(_FLOW_SCALE, (_FLOW_AREA / (height * width)) ** 0.5)
    # DIS finds nothing in smaller ones
    size = max(32, round(width * scale)), max(32, round(height * scale))
    return cv2.resize(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), size,
                      interpolation=cv2.INTER_AREA)


class _Flows:
    """Flow between neighbouring frames, found once and where it is needed."""

    def __init__(self) -> None:
        self._finder = FlowFinder()
        self._known: dict[tuple[int, int], np.ndarray] = {}

    def at(self, part: _Part, frame: int, other_part: _Part,
           other: int) -> np.ndarray:
        """Flow (k, 2) of the hidden pixels of a part's frame to another."""
        luma, target = part.lumas[frame], other_part.lumas[other]
        key = id(luma), id(target)
        if key not in self._known:
            self._known[key] = self._finder.find(
                luma, target, part.small_mask | other_part.small_mask)
        return flow_at(self._known[key], part.hidden)

    def keep(self, parts: list[_Part]) -> None:
        """Forget the flow of frames that are gone."""
        there = {id(luma) for part in parts for luma in part.lumas}
        self._known = {key: flow for key, flow in self._known.items()
                       if {*key} <= there}


def _filled(parts: list[_Part], centre: int, flows: _Flows,
            sights: deque[Sight]) -> Iterator[FilledFrame]:
    """The frames of a block, by what stands before and behind it.

    Args:
        parts: The block and those around it.
        centre: Its place among them.
        flows: Found so far.
        sights: Of the last frame before the block; of its last frame then.
    """
    part = parts[centre]
    flows.keep(parts)
    steps = [(one, index) for one in parts for index in range(len(one.frames))]
    first = sum(len(one.frames) for one in parts[:centre])
    places = range(first, first + len(part.frames))
    if not len(part.hidden):
        sights.append(Sight.of_first(part.hidden))
        nothing = np.zeros_like(part.cover)
        yield from (FilledFrame(frame, nothing, nothing)
                    for frame in part.frames)
        return
    behind = {}
    sight = None
    for place in range(len(steps) - 1, first - 1, -1):
        sight = _next_sight(steps, place, +1, sight, flows)
        if place in places:
            behind[place] = sight
    fillings = []
    for place in places:
        sight = _next_sight(steps, place, -1, sights[-1] if sights else None,
                            flows)
        sights.append(sight)
        fillings.append(_filling(steps, place, (sight, behind[place])))
    at = part.hidden.rows, part.hidden.columns
    # one for the whole block, so that nothing flickers
    share = np.mean([share_of(filling, frame[at], part.hidden)
                     for frame, filling in zip(part.frames, fillings,
                                               strict=True)], axis=0)
    yield from (_filled_frame(frame, part, filling, share)
                for frame, filling in zip(part.frames, fillings, strict=True))


def _next_sight(steps: list[tuple[_Part, int]], place: int, step: int,
                last: Sight | None, flows: _Flows) -> Sight:
    """The sight of a frame from that of its neighbour."""
    part, index = steps[place]
    if last is None:
        return Sight.of_first(part.hidden)
    if not len(part.hidden):
        return last.carried(np.zeros((0, 2), np.float32), part.hidden)
    return last.carried(flows.at(part, index, *steps[place + step]),
                        part.hidden)


def _filling(steps: list[tuple[_Part, int]], place: int,
             sights: tuple[Sight, Sight]) -> Filling:
    """What a frame's hidden pixels would show."""
    part, index = steps[place]

    def frame_at(distance: int) -> np.ndarray:
        other, number = steps[place + distance]
        return other.frames[number]

    return blend(
        [(sight.look_up(lambda age, step=step: frame_at(step * age)),
          sight.age) for sight, step in zip(sights, (-1, 1), strict=True)],
        beside(part.frames[index], part.hidden))


def _filled_frame(frame: np.ndarray, part: _Part, filling: Filling,
                  share: np.ndarray) -> FilledFrame:
    """A frame with so much of a filling, as far as it is covered."""
    at = part.hidden.rows, part.hidden.columns
    image = frame.copy()
    cover = part.cover[at] * share
    image[at] = np.rint(frame[at] + cover[:, None] * (
        filling.pixels - frame[at])).clip(0, 255)
    planes = np.zeros((2, *part.cover.shape), np.float32)
    planes[:, at[0], at[1]] = cover, filling.trust
    return FilledFrame(image, *planes, count_drops(planes[0]))
