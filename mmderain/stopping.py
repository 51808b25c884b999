"""When and how processes stop: on a signal, with their parent."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process, resource_tracker
from types import FrameType
from typing import Any

SECONDS_TO_NOTICE = 0.1
_entered: list['StopSignal'] = []


class StopSignal:
    """While it is entered, a signal is noted, and raised where it suits.

    Raised out of a signal handler, KeyboardInterrupt can come between a
    result and its being noted, or where an iterator is being closed and
    Python drops it.

    It can only be entered in the main thread; in another one nothing changes,
    as signals never arrive there. A signal that is ignored stays so: ``nohup``
    and schedulers ask for it. Where one is entered within another, both
    signals are heeded at each place.

    Args:
        number: For example ``signal.SIGINT``.
    """

    def __init__(self, number: signal.Signals) -> None:
        self.number = number
        self._came = False
        self._before: Any = None

    def __enter__(self) -> 'StopSignal':
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(self.number) != signal.SIG_IGN:
            self._before = signal.signal(self.number, self._note)
            _entered.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        if self._before is not None:
            _entered.remove(self)
            signal.signal(self.number, self._before)

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self._came = True

    def check(self) -> None:
        """Stop here if the signal has come, or that of one around this.

        Raises:
            KeyboardInterrupt: It has.
        """
        if self._came or any(other._came for other in _entered):
            raise KeyboardInterrupt


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Start processes in it, and Ctrl-C will not reach them.

    A terminal sends it to every process. Only the first one shall heed it, and
    not while it starts another, which would be left half started; so it is
    raised at the end.

    Raises:
        KeyboardInterrupt: It came.
    """
    with StopSignal(signal.SIGINT) as stop:
        # started with the first process otherwise, and then it unblocks
        resource_tracker.ensure_running()
        # what is blocked here is so in the processes, from their first moment
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        stop.check()


def end_with_parent() -> None:
    """Leave nothing running behind a parent process that was killed.

    Where the process has none, as the first one, nothing changes.
    """
    parent = parent_process()

    def wait() -> None:
        parent.join()
        os._exit(1)

    if parent is not None:
        threading.Thread(target=wait, daemon=True).start()
