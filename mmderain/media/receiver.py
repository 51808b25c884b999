"""A thread that waits for what comes, and how a program ends beside it.

While PyAV waits for a network, it asks Python for the time, ten times a
second; where Python has ended, that is a segmentation fault.
"""

import atexit
import threading
import weakref
from collections.abc import Callable


class Receiver(threading.Thread):
    """Receives in the background; nobody has to wait for its end.

    Args:
        receive: What it does.
        waits: Seconds of silence after which it ends; None for a pipe, whose
            thread Python may leave behind.
    """

    _all: 'weakref.WeakSet[Receiver]' = weakref.WeakSet()

    def __init__(self, receive: Callable[[], None], waits: float | None
                 ) -> None:
        super().__init__(target=receive, daemon=True)
        self._waits = waits
        self._all.add(self)

    def start(self) -> None:
        """Begin; the program does not end before it, if it is sure to end."""
        super().start()
        if self._waits is not None:
            # a name that is looked up may take it a while longer
            atexit.register(self.join, 2 * self._waits)

    def run(self) -> None:
        """Receive until the end."""
        try:
            super().run()
        finally:
            atexit.unregister(self.join)

    @classmethod
    def is_any_waiting(cls) -> bool:
        """Whether one has not ended yet."""
        return any(receiver.is_alive() for receiver in cls._all)
