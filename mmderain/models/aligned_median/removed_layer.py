"""How what a frame lost is found again: in the next frame, or beside itself.

Correlations of planes at half of the size, for
:mod:`~mmderain.models.aligned_median.streak_guard`. All functions are pure and
take arrays of any library.
"""

from typing import NamedTuple

from mmderain.models.aligned_median.removal import LEVEL
from mmderain.windows.arrays import Array, device_of, namespace

# pixels: the motion that is looked for, and the size at which it is
_MOTION = 48
_REDUCE = 2
# pixels by which two motions that are the same may differ
_STEADINESS = 2
# pixels: what is nearer, or smoother, is no pattern that repeats itself
_LEAST_PERIOD = 8
_LONGEST_WAVE = 32
# how much higher the peak has to be than standing still, and how much lower
# than any other it may be: what repeats itself has several
_ABOVE_STILL = 0.1
_BELOW_HIGHEST = 0.05


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


def layer_of(removed: Array) -> Layer:
    """What was removed, ready to be compared; luma (h, w)."""
    plane = halved(removed)
    xp = namespace(plane)
    plane = plane - xp.mean(plane)
    return Layer(xp.fft.rfftn(plane), tuple(plane.shape),
                 xp.sqrt(xp.sum(plane * plane)))


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


def steady_correlation(one: Motion, other: Motion) -> float:
    """The correlation of two motions that are the same, otherwise 0."""
    apart = max(abs(a - b) for a, b in zip(one.place, other.place,
                                           strict=True))
    if apart > _STEADINESS // _REDUCE:
        return 0.0
    return min(one.correlation, other.correlation)


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
