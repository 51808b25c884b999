"""Keeps a network that removes streaks to what rain can explain.

No training can undo it: it looks at what was removed, not at how. Rain
brightens and covers little; a drop is in one frame only and falls. So it is no
rain what :mod:`~mmderain.models.aligned_median.removal` says of a frame alone,
nor

- what is removed in the next frame as well, moved sideways
  (:func:`sideways_motion`), or repeats itself (:func:`repetition`);
- many times as much as is removed of the frames around it
  (:func:`outbursts`): rain does not come and go from frame to frame.

These make a doubt about a frame, from 0 to 1, which :func:`guarded_frames`
holds over time. All functions are pure and take arrays of any library; luma
and what was removed of it are in [0, 1].
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, tee
from typing import NamedTuple

from mmderain.models.aligned_median.removal import LEVEL, wide_removal
from mmderain.models.aligned_median.removed_layer import (
    Layer,
    Motion,
    layer_of,
    repetition,
    sideways_motion,
    steady_correlation,
)
from mmderain.models.judged_frame import JudgedFrame
from mmderain.windows.arrays import Array, namespace

# what is removed over areas wider than any streak, in levels, and doubted from
# and to which share of the frame. In the heaviest rain, where streaks overlap,
# shares up to .17 and .02 were measured; a flash, or a bar that wipes through,
# has .15 and more
_WIDE = ((8 * LEVEL, (0.10, 0.15)), (24 * LEVEL, (0.03, 0.06)))
# the first of them counts as far as what is wide is so much of all that was
# removed: of rain, where streaks overlap, up to .12; of bars, .36 and more
_WIDE_PART = (0.15, 0.25)
# mean over the frame of what lies below all that was seen: heavy rain, where
# no frame shows the background, has up to 4.2 levels
_UNDERCUT = (6 * LEVEL, 8 * LEVEL)
# correlation of what two frames lost, one of them moved sideways: rain, whose
# streaks are new in each frame or fall, has up to .54; from half on, most of
# what was removed is none
_SIDEWAYS = (0.60, 0.75)
# the same of three frames, moved as far twice: rain had up to .15, but where
# a scene moved by 12 pixels a frame and was removed in part
_STEADY = (0.20, 0.35)
# correlation of what a frame lost with itself, moved sideways once and twice
# as far: a grid repeats itself; rain had up to .16
_REPEATS = (0.25, 0.40)
# how many times as much was removed as of frames around it: rain had up to
# 2.9, but for drizzle, of which some frames have a drop and others none
_OUTBURST = (6.0, 10.0)
# the same of a clip's first and last frame, which see fewer neighbours, and
# those twice
_END_OUTBURST = (2.0, 4.0)
_LITTLE = 0.02 * LEVEL
# the share of a frame's doubt in itself and in frames one and two away:
# nothing flickers, and next to a frame that is destroyed others are as well
_HOLD = (1.0, 1.0, 0.5)

# how many frames are compared
_COMPARED = 3
# how many frames before and after have a say
REACH = len(_HOLD) - 1 + _COMPARED - 1


class Observation(NamedTuple):
    """What a frame alone says.

    Args:
        doubt: From 0 to 1.
        layer: For the comparison with the next frame.
        amount: What was removed, on average.
    """

    doubt: float
    layer: Layer
    amount: float


def observe(removed: Array, below: Array) -> Observation:
    """Look at one frame.

    Args:
        removed: The frame's luma minus the result's, (h, w).
        below: Of ``removal.undercut``, (h, w).
    """
    wide = wide_removal(removed)
    xp = namespace(removed)
    faint, strong = (
        _ramp(float(xp.mean(xp.astype(wide > level, xp.float32))), *shares)
        for level, shares in _WIDE)
    layer, amount = layer_of(removed), float(xp.mean(xp.abs(removed)))
    part = float(xp.mean(wide)) / max(amount, _LITTLE)
    return Observation(max(
        min(faint, _ramp(part, *_WIDE_PART)), strong,
        _ramp(float(xp.mean(below)), *_UNDERCUT),
        _ramp(repetition(layer), *_REPEATS)), layer, amount)


def guarded_frames(frames: Iterable[Array]) -> Iterator[JudgedFrame]:
    """Give frames back where there is doubt, smoothly in time.

    As many frames as ``REACH`` are held besides the one that is due.

    Args:
        frames: Each (c + 5, h, w), of
            :func:`~mmderain.models.aligned_median.removal.planes`.

    Yields:
        JudgedFrame: The c planes of the result, and the part of the frame
        that was given back to it.
    """
    frames, seen = tee(frames)
    weights = hold(doubts(observe(frame[-1], frame[-2]) for frame in seen))
    for frame, weight in zip(frames, weights, strict=True):
        result, given_back = frame[:-5], frame[-5:-2]
        if weight:
            result = namespace(result).concat([
                result[:3] + weight * given_back, (1 - weight) * result[3:]])
        yield JudgedFrame(result, weight)


def doubts(observations: Iterable[Observation]) -> Iterator[float]:
    """The doubt about each frame, alone and beside its neighbours."""
    observations, seen = tee(observations)
    yield from map(max, _compared(observations),
                   outbursts(item.amount for item in seen))


def _compared(observations: Iterable[Observation]) -> Iterator[float]:
    """The doubt about each frame, and about what moves on to the next."""
    waiting: deque[float] = deque()  # of frames still to be compared
    layer: Layer | None = None
    motion = Motion()

    def doubt_last(count: int, doubt: float) -> None:
        for index in range(1, min(count, len(waiting)) + 1):
            waiting[-index] = max(waiting[-index], doubt)

    for item in observations:
        waiting.append(item.doubt)
        if layer is not None:
            found = sideways_motion(layer, item.layer)
            doubt_last(2, _ramp(found.correlation, *_SIDEWAYS))
            doubt_last(3, _ramp(steady_correlation(motion, found), *_STEADY))
            motion = found
        layer = item.layer
        if len(waiting) == _COMPARED:
            yield waiting.popleft()
    yield from waiting


def outbursts(amounts: Iterable[float]) -> Iterator[float]:
    """The doubt about frames of which much more was removed than around them.

    More than the second most of two frames before it and two behind: one may
    be as odd as the frame itself. At the ends of a clip, more than the most of
    the two that there are; where nothing was removed of these, they say
    nothing.
    """
    reach = _COMPARED - 1
    for around in _windows(amounts, reach, None):
        amount = around.pop(reach)
        others = sorted(other for other in around if other is not None)
        if len(others) > reach:
            yield _ramp(amount / (others[-2] + _LITTLE), *_OUTBURST)
        elif len(others) == reach and others[-1] > 0:
            yield _ramp(amount / (others[-1] + _LITTLE), *_END_OUTBURST)
        else:
            yield 0.0


def hold(values: Iterable[float]) -> Iterator[float]:
    """Hold doubts over the frames before and after."""
    reach = len(_HOLD) - 1
    for around in _windows(values, reach, 0.0):
        yield max(_HOLD[abs(index - reach)] * other
                  for index, other in enumerate(around))


def _windows(values: Iterable[float], reach: int, end: float | None
             ) -> Iterator[list[float | None]]:
    """Each value between those before and behind it."""
    ends = [end] * reach
    window: deque[float | None] = deque(ends, maxlen=2 * reach + 1)
    for value in chain(values, ends):
        window.append(value)
        if len(window) == 2 * reach + 1:
            yield list(window)


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to low, 1 from high on; 0 for nan, which is another error's."""
    return min(max(0.0, (value - low) / (high - low)), 1.0)
