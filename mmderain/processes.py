"""Processes: work that is spread over several, and how they end."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process, resource_tracker
from types import FrameType
from typing import Any

from mmderain.errors import DataError

SECONDS_TO_NOTICE = 0.1
_entered: list['StopSignal'] = []
# that Python has come to handle a signal, and nothing keeps it from that
signal_heard = threading.Event()


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
        signal_heard.set()

    @property
    def came(self) -> bool:
        """Whether the signal has come."""
        return self._came

    def check(self) -> None:
        """Stop here if the signal has come, or that of one around this.

        Raises:
            KeyboardInterrupt: It has.
        """
        if self._came:
            raise KeyboardInterrupt
        stop_if_asked()


def stop_is_asked() -> bool:
    """Whether the signal of any ``StopSignal`` around this has come."""
    return any(entered.came for entered in _entered)


def stop_if_asked() -> None:
    """Stop here if the signal of any ``StopSignal`` around this has come.

    Raises:
        KeyboardInterrupt: It has.
    """
    if stop_is_asked():
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


def python_module(name: str, *arguments: str) -> dict[str, Any]:
    """How ``subprocess`` starts a module as a program of its own.

    It finds what this process finds, in the same order: not first of all what
    lies in the current folder.
    """
    path = os.pathsep.join(item or os.getcwd() for item in sys.path)
    return dict(args=[sys.executable, '-P', '-m', name, *arguments],
                env=dict(os.environ, PYTHONPATH=path))


def in_processes(function: Callable[[Any], Any], items: Iterable,
                 workers: int, start: Callable | None = None,
                 start_args: tuple = ()) -> Iterator:
    """Call a function with each item, in several processes.

    Args:
        function: Takes an item; it and ``start`` are defined in a module, so
            that they can be pickled.
        items: The items.
        workers: Number of processes; 1 does everything in this one.
        start: Called once in each process, before the first item.
        start_args: Arguments of ``start``.

    Yields:
        What the function returns, in the order in which calls finish.

    Raises:
        DataError: A process died, or a file cannot be written.
    """
    try:
        if workers == 1:
            if start is not None:
                start(*start_args)
            yield from map(function, items)
        else:
            yield from _in_pool(function, items, workers,
                                (start, start_args))
    except BrokenProcessPool as error:
        raise DataError(
            f'One of {workers} processes died, perhaps for lack of memory. '
            'What was finished is kept: run again with fewer --workers.'
        ) from error
    except OSError as error:
        raise DataError(f'A file could not be read or written: {error}. Free '
                        'some space or change its permissions, and run again; '
                        'what was finished is kept.') from error


def _in_pool(function: Callable, items: Iterable, workers: int,
             start: tuple) -> Iterator:
    with deaf_to_ctrl_c():  # half a pool would leave its semaphores behind
        # not a fork: the parent may have threads of OpenCV or PyTorch
        pool = ProcessPoolExecutor(workers, get_context('spawn'), _start,
                                   start)
    try:
        with deaf_to_ctrl_c():  # `submit` starts them
            tasks = [pool.submit(function, item) for item in items]
        for task in as_completed(tasks):
            yield task.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _start(start: Callable | None, start_args: tuple) -> None:
    end_with_parent()
    if start is not None:
        start(*start_args)
