"""A pipe that is written to as long as somebody reads."""

import io
import os
import select
import time

from mmderain.processes import stop_is_asked

# what a pipe takes at once where it says that it takes something
_PART = select.PIPE_BUF
LOOK = 0.1  # seconds between two looks at whether to stop
_GRACE = 2.0  # seconds that a reader has after somebody wants to stop


class PatientPipe(io.RawIOBase):
    """What FFmpeg writes into, in the place of its own pipe.

    That one waits for its reader whatever comes.

    Args:
        number: The file descriptor; it is not closed.
        seconds: After which a reader that takes nothing is given up; None
            for never, until somebody wants to stop.
    """

    def __init__(self, number: int, seconds: float | None = None) -> None:
        super().__init__()
        self._number, self._seconds = number, seconds
        self._looks = select.poll()
        self._looks.register(number, select.POLLOUT)
        self._given_up: OSError | None = None

    def writable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """What is written cannot be changed."""
        return False

    def write(self, content: bytes) -> int:
        """Write all of it.

        Raises:
            BrokenPipeError: Nobody reads on.
            TimeoutError: Somebody does, but takes nothing.
            InterruptedError: The same, and the user wants to stop.
        """
        rest = memoryview(content).cast('B')
        count = len(rest)
        while rest:
            self._wait()
            rest = rest[os.write(self._number, rest[:_PART]):]
        return count

    def _wait(self) -> None:
        if self._given_up is not None:
            raise self._given_up  # as what is left is written at the end
        began = time.monotonic()
        while not self._looks.poll(LOOK * 1000):
            self._check_patience(time.monotonic() - began)

    def _check_patience(self, waited: float) -> None:
        """Give up who has let this wait for so many seconds, if it is time."""
        if waited > _GRACE and stop_is_asked():
            self._given_up = InterruptedError('nobody reads on')
        elif self._seconds is not None and waited > self._seconds:
            self._given_up = TimeoutError('nothing is taken')
        if self._given_up is not None:
            raise self._given_up
