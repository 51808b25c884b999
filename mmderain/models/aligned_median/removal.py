"""What cannot have been rain of what was removed from one frame.

- What is darker than its surroundings: nothing gets brighter where a streak
  goes (:func:`brightening`).
- What is wide: a streak is thin, and between streaks nothing is removed
  (:func:`wide_removal`).
- What leaves a place darker than it ever was in the frame and its neighbours
  (:func:`undercut`).

The first is taken out pixel by pixel; the others make the guard doubt. All
functions are pure and take arrays of any library; luma and what was removed of
it are in [0, 1].
"""

from collections.abc import Callable

from mmderain.windows.arrays import Array, device_of, namespace

LEVEL = 1 / 255
# a result that is brighter by so much is none of rain; below is rounding,
# and sharpness that comes back
BRIGHTENING = 2 * LEVEL
# a square of so many blocks of so many pixels, 25, holds no streak: drawn
# ones are 3 pixels wide, blurred ones near the camera up to 10
_BLOCK = 5
_BLOCKS = 5
_INFINITE = float('inf')


def brightening(restored: Array, frame: Array) -> Array:
    """By how much a result is brighter than rain explains.

    Args:
        restored: Luma, any shape.
        frame: The rainy frame's, of that shape.

    Returns:
        Array: To be subtracted.
    """
    return _not_below_0(restored - frame - BRIGHTENING)


def undercut(restored: Array, seen: Array) -> Array:
    """By how much a result is darker than all that was seen there.

    Args:
        restored: Luma, (n, 1, h, w).
        seen: Of the frame, its neighbours and its aligned neighbours,
            (n, t, 1, h, w).
    """
    return _not_below_0(namespace(seen).min(seen, axis=1) - restored)


def wide_removal(removed: Array) -> Array:
    """What was removed over areas wider than any streak.

    The grey-scale opening by a square of 25 pixels, on blocks of 5.

    Args:
        removed: The frame's luma minus the result's, (h, w).

    Returns:
        Array: Of blocks, (h / 5, w / 5), rounded up; not below 0.
    """
    xp = namespace(removed)
    result = _not_below_0(removed)
    for axis in (0, 1):
        # what is added at the end is in no minimum
        blocks = _extended(result, axis, -result.shape[axis] % _BLOCK,
                           _INFINITE)
        shape = list(blocks.shape)
        shape[axis:axis + 1] = [shape[axis] // _BLOCK, _BLOCK]
        result = xp.min(xp.reshape(blocks, tuple(shape)), axis=axis + 1)
    for extreme, outside in ((xp.minimum, _INFINITE),
                             (xp.maximum, -_INFINITE)):
        for axis in (0, 1):
            result = _of_neighbours(result, axis, extreme, outside)
    return result


def planes(result: Array, given_back: Array, below: Array,
           removed: Array) -> Array:
    """Put together what the guard takes.

    Args:
        result: RGB and, after it, the parts in which other things went into
            it, (n, c, h, w).
        given_back: What to add to have removed nothing, RGB, (n, 3, h, w).
        below: Of :func:`undercut`, (n, 1, h, w).
        removed: The frame's luma minus the result's, (n, 1, h, w).
    """
    return namespace(result).concat([result, given_back, below, removed],
                                    axis=1)


def _not_below_0(array: Array) -> Array:
    xp = namespace(array)
    return xp.maximum(array, xp.zeros_like(array))


def _of_neighbours(plane: Array, axis: int,
                   extreme: Callable[[Array, Array], Array],
                   outside: float) -> Array:
    """The extreme of each place and those beside it along an axis."""
    reach, length = _BLOCKS // 2, plane.shape[axis]
    wide = _extended(plane, axis, reach, outside, also_before=True)
    result = plane
    for shift in range(_BLOCKS):
        part = [slice(None)] * 2
        part[axis] = slice(shift, shift + length)
        result = extreme(result, wide[tuple(part)])
    return result


def _extended(plane: Array, axis: int, count: int, value: float,
              also_before: bool = False) -> Array:
    """With so many more of a value at an end, or at both."""
    if not count:
        return plane
    shape = list(plane.shape)
    shape[axis] = count
    xp = namespace(plane)
    more = xp.full(tuple(shape), value, dtype=plane.dtype,
                   device=device_of(plane))
    return xp.concat([more] * also_before + [plane, more], axis=axis)
