"""Several streams of one network, in one thread or in several."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from threading import Lock
from typing import Any

_END = object()


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
