"""Several streams of one network, in one thread or in several."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from functools import wraps
from threading import Lock, RLock
from typing import Any

from mmderain.errors import UserError

_END = object()


class Shared(Iterator):
    """Results that several threads may take from; each goes to one of them.

    Args:
        results: A generator, in which Python lets no two be at once.
    """

    def __init__(self, results: Generator[Any]) -> None:
        self._results, self._lock = results, RLock()
        self._is_closed = False

    def __next__(self) -> Any:
        with self._lock:
            try:
                self._end_if_closed()
                result = next(self._results)
            except ValueError as error:
                if not self._results.gi_running:
                    raise
                raise UserError(
                    'Results cannot be taken by what gives the frames that '
                    'they are made of. Take them elsewhere.') from error
            self._end_if_closed()
            return result

    def _end_if_closed(self) -> None:
        if self._is_closed:
            self._results.close()
            raise StopIteration

    def close(self) -> None:
        """No more of them are wanted.

        Who waits for a frame gets no result of it; it may never come.
        """
        self._is_closed = True
        if self._lock.acquire(blocking=False):
            try:
                self._results.close()
            finally:
                self._lock.release()


def shared(stream: Callable[..., Generator[Any]]) -> Callable[..., Shared]:
    """What a method yields may be taken by several threads."""
    @wraps(stream)
    def started(*arguments: Any) -> Shared:
        return Shared(stream(*arguments))
    return started


class Turns:
    """One computes at a time; so what it computes with has the memory."""

    def __init__(self) -> None:
        self._computes = Lock()

    def alone(self) -> Lock:
        """To be held by who computes in one go."""
        return self._computes

    def stream(self, restore: Callable[[Iterator[Any]], Generator[Any]],
               frames: Iterable[Any]) -> Generator[Any]:
        """A stream that takes its turn for each result.

        While it waits for a frame, which a camera or another stream may make
        it do, others have theirs.

        Args:
            restore: From frames to results; reads in its caller's thread.
            frames: What it is given.
        """
        def waited_for() -> Iterator[Any]:
            source = iter(frames)
            while True:
                self._computes.release()
                try:
                    frame = next(source, _END)
                finally:
                    self._computes.acquire()
                if frame is _END:
                    return
                yield frame

        with closing(restore(waited_for())) as results:
            while True:
                with self._computes:
                    result = next(results, _END)
                if result is _END:
                    return
                yield result
