"""Keeps a network that removes streaks to what rain can explain.

No training can undo it: it looks at what was removed, not at how. Rain
brightens and covers little; a drop is in one frame only and falls. So it is no
rain what :mod:`~mmderain.models.aligned_median.removal` says of a frame alone,
nor

- what is removed in the next frame as well, moved sideways
  (:func:`sideways_motion`), or repeats itself (:func:`repetition`).

These make a doubt about a frame, from 0 to 1, which :func:`guarded_frames`
holds over time. All functions are pure and take arrays of any library; luma
and what was removed of it are in [0, 1].
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, tee
from typing import NamedTuple

from mmderain.models.aligned_median.removal import LEVEL, wide_removal
from mmderain.models.judged_frame import JudgedFrame
from mmderain.windows.arrays import Array, device_of, namespace

# what is removed over areas wider than any streak, in levels, and doubted from
# and to which share of the frame. In the heaviest rain, where streaks overlap,
# shares up to .08 and .02 were measured; a flash, or a bar that wipes through,
# has .15 and more
_WIDE = ((8 * LEVEL, (0.10, 0.15)), (24 * LEVEL, (0.03, 0.06)))
# mean over the frame of what lies below all that was seen: heavy rain, where
# no frame shows the background, has up to 4.2 levels
_UNDERCUT = (6 * LEVEL, 8 * LEVEL)
# correlation of what two frames lost, one of them moved sideways: rain, whose
# streaks are new in each frame or fall, has up to .46; from half on, most of
# what was removed is none
_SIDEWAYS = (0.60, 0.75)
# the same of three frames, moved as far twice, but for so many pixels: by
# chance it never happened in rain
_STEADY = (0.35, 0.50)
_STEADINESS = 2
# pixels: the motion that is looked for, and the size at which it is
_MOTION = 48
_REDUCE = 2
# correlation of what a frame lost with itself, moved sideways by so many
# pixels or more, once and twice as far: a grid repeats itself
_REPEATS = (0.45, 0.60)
_LEAST_PERIOD = 8
_LONGEST_WAVE = 32
# how much higher the peak has to be than standing still, and how much lower
# than any other it may be: what repeats itself has several
_ABOVE_STILL = 0.1
_BELOW_HIGHEST = 0.05
# the share of a frame's doubt in itself and in frames one and two away:
# nothing flickers, and next to a frame that is destroyed others are as well
_HOLD = (1.0, 1.0, 0.5)

# how many frames are compared
_COMPARED = 3
# how many frames before and after have a say
REACH = len(_HOLD) - 1 + _COMPARED - 1


class Layer(NamedTuple):
    """What was removed from a frame, ready to be compared.

    Args:
        spectrum: Of the plane at half of the size, without its mean.
        size: Of that plane.
        norm: Of that plane.
    """

    spectrum: Array
    size: tuple[int, int]
    norm: Array


class Observation(NamedTuple):
    """What a frame alone says.

    Args:
        doubt: From 0 to 1.
        layer: For the comparison with the next frame.
    """

    doubt: float
    layer: Layer


def observe(removed: Array, below: Array) -> Observation:
    """Look at one frame.

    Args:
        removed: The frame's luma minus the result's, (h, w).
        below: Of ``removal.undercut``, (h, w).
    """
    wide = wide_removal(removed)
    xp = namespace(removed)
    doubts = [
        _ramp(float(xp.mean(xp.astype(wide > level, xp.float32))), *shares)
        for level, shares in _WIDE]
    doubts.append(_ramp(float(xp.mean(below)), *_UNDERCUT))
    plane = halved(removed)
    plane = plane - xp.mean(plane)
    layer = Layer(xp.fft.rfftn(plane), tuple(plane.shape),
                  xp.sqrt(xp.sum(plane * plane)))
    doubts.append(_ramp(repetition(layer), *_REPEATS))
    return Observation(max(doubts), layer)


def halved(plane: Array) -> Array:
    """The means of squares of 2 pixels, of (h, w); at odd ends of fewer."""
    for axis in (0, 1):
        length = plane.shape[axis]
        if length % 2:
            last = [slice(None)] * 2
            last[axis] = slice(length - 1, length)
            plane = namespace(plane).concat([plane, plane[tuple(last)]],
                                            axis=axis)
    return (plane[::2, ::2] + plane[1::2, ::2] + plane[::2, 1::2]
            + plane[1::2, 1::2]) / 4


class Motion(NamedTuple):
    """A motion sideways.

    Args:
        correlation: Normalised; 0 where there is no such motion.
        place: Rows and columns, of the half size.
    """

    correlation: float = 0.0
    place: tuple[int, int] = (0, 0)


def sideways_motion(before: Layer, after: Layer) -> Motion:
    """How well what one frame lost is found in the next, moved sideways.

    Rain falls: within 45 degrees of the vertical. What stands still does not
    count, since videos repeat frames.

    Returns:
        Motion: The highest sideways peak of the cross-correlation, unless
        the highest of all is another one.
    """
    xp = namespace(before.spectrum)
    near, rows, columns = _correlation(before, after)
    is_sideways = (xp.abs(columns) >= xp.abs(rows)[:, None]) & (columns != 0)
    sideways = xp.where(is_sideways, near, xp.full_like(near, -1.0))
    index = int(xp.argmax(sideways))
    peak, highest, still = map(float, (
        xp.max(sideways), xp.max(near),
        near[near.shape[0] // 2, near.shape[1] // 2]))
    if not (peak > max(0, still + _ABOVE_STILL)
            and peak > highest - _BELOW_HIGHEST):
        return Motion()
    row, column = divmod(index, len(columns))
    return Motion(peak, (int(rows[row]), int(columns[column])))


def repetition(layer: Layer) -> float:
    """How well what a frame lost is found again sideways, and there again.

    Once is nothing: where there are but two streaks, each is half of all. Nor
    is what is smooth, such as a veil, which is like itself everywhere.

    Returns:
        float: The lesser of its correlations with itself, moved once and twice
        as far, of the motion for which that is highest.
    """
    xp = namespace(layer.spectrum)
    spectrum = xp.where(_is_fine(layer), layer.spectrum,
                        xp.zeros_like(layer.spectrum))
    power = xp.fft.irfftn(xp.conj(spectrum) * spectrum, s=layer.size,
                          axes=(0, 1))[0, 0]
    near, rows, columns = _correlation(*[layer._replace(
        spectrum=spectrum, norm=xp.sqrt(power))] * 2)
    once, twice, distances = near, near, []
    for axis, places in enumerate((rows, columns)):
        reach = len(places) // 2
        half = slice(reach - reach // 2, reach + reach // 2 + 1)
        cut, step = [slice(None)] * 2, [slice(None)] * 2
        cut[axis], step[axis] = half, slice(reach % 2, None, 2)
        once, twice = once[tuple(cut)], twice[tuple(step)]
        distances.append(xp.abs(places[half]))
    rows, columns = distances
    is_away = ((columns >= rows[:, None])
               & (columns >= _LEAST_PERIOD // _REDUCE))
    lesser = xp.minimum(once, twice)
    return float(xp.max(xp.where(is_away, lesser, xp.zeros_like(lesser))))


def _is_fine(layer: Layer) -> Array:
    """Which of the spectrum's waves are short enough to be a pattern's."""
    xp = namespace(layer.spectrum)
    device = device_of(layer.spectrum)
    height, width = layer.size
    down = xp.fft.fftfreq(height, device=device)[:, None]
    along = xp.fft.rfftfreq(width, device=device)[None, :]
    return down ** 2 + along ** 2 > (_REDUCE / _LONGEST_WAVE) ** 2


def _correlation(before: Layer, after: Layer) -> tuple[Array, Array, Array]:
    """The normalised cross-correlation near standing still.

    Returns:
        tuple: It, (2 r + 1, 2 c + 1), and by how many rows and columns of the
        half size the first one was moved.
    """
    height, width = before.size
    xp = namespace(before.spectrum)
    correlation = xp.fft.irfftn(
        xp.conj(before.spectrum) * after.spectrum, s=before.size,
        axes=(0, 1))
    rows, columns = (
        xp.arange(-reach, reach + 1, device=device_of(correlation))
        for reach in (min(_MOTION // _REDUCE, (size - 1) // 2)
                      for size in (height, width)))
    # less than a hundredth of a level all over is nothing
    norm = before.norm * after.norm + height * width * (LEVEL / 100) ** 2
    near = xp.take(xp.take(correlation, rows % height, axis=0),
                   columns % width, axis=1) / norm
    return near, rows, columns


def _steady(one: Motion, other: Motion) -> float:
    """The correlation of two motions that are the same, otherwise 0."""
    apart = max(abs(a - b) for a, b in zip(one.place, other.place,
                                           strict=True))
    if apart > _STEADINESS // _REDUCE:
        return 0.0
    return min(one.correlation, other.correlation)


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
    waiting: deque[float] = deque()  # of frames still to be compared
    layer: Layer | None = None
    motion = Motion()

    def doubt_last(count: int, doubt: float) -> None:
        for index in range(1, min(count, len(waiting)) + 1):
            waiting[-index] = max(waiting[-index], doubt)

    for doubt, after in observations:
        waiting.append(doubt)
        if layer is not None:
            found = sideways_motion(layer, after)
            doubt_last(2, _ramp(found.correlation, *_SIDEWAYS))
            doubt_last(3, _ramp(_steady(motion, found), *_STEADY))
            motion = found
        layer = after
        if len(waiting) == _COMPARED:
            yield waiting.popleft()
    yield from waiting


def hold(values: Iterable[float]) -> Iterator[float]:
    """Hold doubts over the frames before and after."""
    reach = len(_HOLD) - 1
    ends = [0.0] * reach
    window: deque[float] = deque(ends, maxlen=2 * reach + 1)
    for value in chain(values, ends):
        window.append(value)
        if len(window) == 2 * reach + 1:
            yield max(_HOLD[abs(index - reach)] * other
                      for index, other in enumerate(window))


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to low, 1 from high on; 0 for nan, which is another error's."""
    return min(max(0.0, (value - low) / (high - low)), 1.0)
