"""Processes that tests start."""

import signal
import time
from collections.abc import Callable


def hear_ctrl_c() -> None:
    """Let a child hear SIGINT again, for ``preexec_fn``.

    Where the suite was started by ``nohup`` or in the background of a script,
    SIGINT is ignored, and what it starts inherits that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_for(is_there: Callable[[], bool]) -> None:
    """Wait until something is there; five minutes at most."""
    end = time.monotonic() + 300
    while not is_there() and time.monotonic() < end:
        time.sleep(0.01)
    assert is_there()
