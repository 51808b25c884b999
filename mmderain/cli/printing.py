"""What is printed: words that nobody can write do not end the work.

Behind ``> log`` or ``2> log`` the disk may be full, while the outputs have
another one.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class PatientStream:
    """A text stream that goes on where it cannot write.

    Args:
        stream: Where it writes.

    Attributes:
        lost: Why something could not be written; None where all was.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.lost: OSError | None = None

    def write(self, text: str) -> int:
        """Write a text, or lose it.

        Raises:
            BrokenPipeError: Nobody reads on, who may want no more of it.
        """
        with self._patiently():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what was held back, or lose it.

        Raises:
            BrokenPipeError: As of :meth:`write`.
        """
        with self._patiently():
            self._stream.flush()

    @contextmanager
    def _patiently(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            self.lost = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def patient_printing() -> Iterator[tuple[PatientStream, PatientStream]]:
    """In it standard output and standard error are patient.

    Where nobody listens (``>&-``) there are such that nobody hears.
    """
    before = sys.stdout, sys.stderr
    streams = tuple(PatientStream(
        open(os.devnull, 'w') if stream is None else stream)  # noqa: SIM115
        for stream in before)
    for stream in streams:
        # a file's name may hold what cannot be printed
        with suppress(AttributeError):
            stream.reconfigure(errors='backslashreplace')
    sys.stdout, sys.stderr = streams
    try:
        yield streams
    finally:
        for stream in streams:
            try:
                stream.flush()
            except BrokenPipeError as error:
                stream.lost = error
            if stream.lost is not None:
                discard(stream)
        # what others have put there meanwhile is theirs
        if sys.stdout is streams[0]:
            sys.stdout = before[0]
        if sys.stderr is streams[1]:
            sys.stderr = before[1]


def discard(stream: TextIO) -> None:
    """What Python says there at its end goes nowhere, too."""
    with suppress(OSError):  # as of a test, which has no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
