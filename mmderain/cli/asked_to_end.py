"""A command answers SIGTERM as it does Ctrl-C, from its first moment on."""

import _thread
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from mmderain.cli.exit_codes import Exit
from mmderain.processes import signal_heard

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# between a signal and the end of what does not listen to it: a library that
# waits for others is not in Python, where signals are handled
SECONDS = 10.0


@contextmanager
def heeding_signals() -> Iterator[None]:
    """SIGTERM stops what is done in it, as Ctrl-C does.

    Signals that are ignored stay so, and those that others handle theirs.

    Raises:
        KeyboardInterrupt: One came.
    """
    ours = [number for number in _SIGNALS if signal.getsignal(number) in (
        signal.SIG_DFL, signal.default_int_handler)]
    if threading.current_thread() is not threading.main_thread():
        ours = []
    before = {number: signal.signal(number, _stop) for number in ours}
    again: list[threading.Timer] = []

    def raise_again(dropped: Any) -> None:
        """Python drops what is raised where an object is being removed."""
        if dropped.exc_type is KeyboardInterrupt:
            # here it would be dropped once more
            again.append(threading.Timer(0.05, _thread.interrupt_main))
            again[-1].start()
        else:
            sys.__unraisablehook__(dropped)

    hook, sys.unraisablehook = sys.unraisablehook, raise_again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        # it was heard after all, and is not for what comes next
        for timer in again:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    signal_heard.set()
    raise KeyboardInterrupt


@contextmanager
def ended_in_time(say: Callable[[], object]) -> Iterator[None]:
    """What does not hear a signal is ended after a while.

    Args:
        say: Says the last words.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal_heard.clear()
    before = signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(signals, say), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(wakes)


def _watch(signals: int, say: Callable[[], object]) -> None:
    """See signals come, whatever the main thread is doing."""
    with os.fdopen(signals, 'rb', buffering=0) as numbers:
        while number := numbers.read(1):
            handler = signal.getsignal(number[0])
            # what others handle, as torchrun does, may take them longer
            if number[0] not in _SIGNALS or not getattr(
                    handler, '__module__', '').startswith('mmderain'):
                continue
            if not signal_heard.wait(SECONDS):
                say()
                os._exit(Exit.STOPPED)
            signal_heard.clear()


@contextmanager
def said_in_time() -> Iterator[None]:
    """Nobody waits for ever for a reader of the last words."""
    end = threading.Timer(SECONDS, os._exit, (Exit.STOPPED, ))
    end.daemon = True
    end.start()
    try:
        yield
    finally:
        end.cancel()


# who is forked has its own signals
os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))
