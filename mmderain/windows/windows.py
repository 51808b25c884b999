"""Temporal windows: a clip of any length through a network of few frames.

Frames come in one by one and leave as soon as no later window can change
them, so memory depends on the window and never on the length. Knows nothing
of models: whoever stands between ``windows`` and ``merge`` restores them.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from mmderain.errors import DataError
from mmderain.windows.arrays import Array, namespace


@dataclass(frozen=True)
class WindowSpec:
    """What a network says about the clips it takes.

    Args:
        length: Frames that go in.
        valid: First and one past the last of the frames that come out, counted
            in the window; all of them when None.
        stride: Frames between the starts of two windows. Where windows
            overlap, their results are averaged.
        divisor: Height and width have to be multiples of it.
        padding: What stands before the first and after the last frame where
            a window reaches out: 'replicate' repeats them, 'reflect' mirrors
            the clip; with None there are no such windows, and the frames that
            they would restore are left out.
        margin: Pixels of context around a frame without which the network's
            borders suffer. The frame is extended by replication before the
            network and cropped after it. (Tiles have a margin of their own,
            since where they start is a matter of the tiling.)
    """

    length: int
    valid: tuple[int, int] | None = None
    stride: int = 1
    divisor: int = 1
    padding: str | None = 'replicate'
    margin: int = 0

    def __post_init__(self) -> None:
        first, end = self.valid_range
        if not 0 <= first < end <= self.length:
            raise ValueError(f'valid={self.valid} does not lie in a window of '
                             f'{self.length} frames')
        if not 1 <= self.stride <= end - first:
            raise ValueError(
                f'stride={self.stride} would leave out frames: a window '
                f'restores {end - first}')
        if self.padding not in ('replicate', 'reflect', None):
            raise ValueError(f"padding={self.padding!r} is not one of "
                             "'replicate', 'reflect' and None")

    @property
    def valid_range(self) -> tuple[int, int]:
        """``valid``, as numbers in any case."""
        return self.valid or (0, self.length)

    def covered_frames(self, count: int) -> slice:
        """Which frames of a clip of ``count`` frames are restored."""
        if self.padding is not None:
            return slice(0, count)
        first, end = self.valid_range
        return slice(first, count - self.length + end)


def windows(frames: Iterable[Array],
            spec: WindowSpec) -> Iterator[tuple[int, Array]]:
    """Cut a clip into windows, each as soon as its last frame is there.

    Windows start at 0, stride, 2 stride ...; the last one is moved back so
    that it ends with the clip. A clip shorter than the window is one window of
    its own length when the network restores every frame of a window. Otherwise
    the clip is continued beyond its ends, as ``spec.padding`` says.

    Args:
        frames: Each of shape (c, h, w).
        spec: The window.

    Yields:
        tuple[int, Array]: Where the window starts, in frames of the continued
        clip, and its frames (t, c, h, w).

    Raises:
        DataError: The clip is shorter than the window and is not padded.
    """
    first, end = spec.valid_range
    window: deque[Array] = deque(maxlen=spec.length)
    start = count = 0  # in frames of the continued clip
    for frame in _extended(frames, first, spec.length - end, spec.padding):
        window.append(frame)
        count += 1
        if count == start + spec.length:
            yield start, _stacked(window)
            start += spec.stride
    if (window and count < spec.length and spec.valid
            and spec.padding is None):
        raise DataError(f'A clip of {count} frames was given; without padding '
                        f'at least {spec.length} are needed.')
    if window and (count < spec.length or count > start - spec.stride
                   + spec.length):
        yield max(0, count - spec.length), _stacked(window)


def merge(results: Iterable[tuple[int, Iterable[Array]]]
          ) -> Iterator[Array]:
    """Put the results of windows together, frame by frame and in order.

    Args:
        results: For each of :func:`windows` where it starts, and its valid
            frames, each (c, h, w), floating point.

    Yields:
        Array: Shape (c, h, w), the mean over the windows that restored it.
    """
    sums = _RunningMean()
    for start, outputs in results:
        for index, output in enumerate(outputs, start):
            sums.add(index, output)
        # The clip could end with the next frame: a window that starts after
        # `start` is then still to come.
        yield from sums.pop_until(start + 1)
    yield from sums.pop_until(None)


def _stacked(window: Iterable[Array]) -> Array:
    frames = tuple(window)
    return namespace(frames[0]).stack(frames)


def _extended(frames: Iterable[Array], before: int, after: int,
              padding: str | None) -> Iterator[Array]:
    """The clip, continued beyond its first and its last frame."""
    if padding is None:
        before = after = 0
    # how far the continuation of an end looks into the clip
    reach = 1 if padding == 'reflect' else 0
    frames = iter(frames)
    head = list(islice(frames, 1 + reach * before))
    for distance in range(before if head else 0, 0, -1):
        yield head[min(reach * distance, len(head) - 1)]
    tail = deque(maxlen=1 + reach * after)
    for frame in chain(head, frames):
        tail.append(frame)
        yield frame
    for distance in range(1, (after if tail else 0) + 1):
        yield tail[max(-1 - reach * distance, -len(tail))]


class _RunningMean:
    """Sums of the results of each frame until it is complete."""

    def __init__(self) -> None:
        self._sums: dict[int, tuple[Array, int]] = {}
        self._next = 0

    def add(self, index: int, value: Array) -> None:
        total, count = self._sums.get(index, (0, 0))
        self._sums[index] = (total + value, count + 1)

    def pop_until(self, end: int | None) -> Iterator[Array]:
        while self._next in self._sums and (end is None or self._next < end):
            total, count = self._sums.pop(self._next)
            self._next += 1
            yield total / count
