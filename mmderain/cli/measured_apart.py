"""Something that is measured in a process of its own.

Its memory and its threads are its own, and two of them can take turns, so that
other load on the machine hits both alike.
"""

import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from mmderain.errors import UserError, explain
from mmderain.processes import deaf_to_ctrl_c, end_with_parent

_SECONDS_TO_END = 10.0


class Apart:
    """An object in a process of its own, whose methods are called there.

    Args:
        build: Makes it; a function or class of a module, so that it can be
            pickled.
        *arguments: Of ``build``.

    Raises:
        UserError: It cannot be built.
    """

    def __init__(self, build: Callable[..., Any], *arguments: Any) -> None:
        # not a fork: threads of PyTorch do not survive it
        context = get_context('spawn')
        self._pipe, theirs = context.Pipe()
        self._is_waiting = False
        self._process = context.Process(
            target=_serve, args=(theirs, build, arguments), daemon=True)
        with deaf_to_ctrl_c():
            self._process.start()
        theirs.close()
        try:
            self._answer()
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> 'Apart':
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def ask(self, name: str, *arguments: Any) -> Any:
        """Call a method of the object and wait for what it returns.

        Raises:
            UserError: It raised an error, or its process has died.
        """
        self._is_waiting = False
        with suppress(BrokenPipeError):  # told by the answer
            self._pipe.send((name, arguments))
        return self._answer()

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._pipe.close()
        if self._is_waiting:
            # by itself, it clears what its libraries have made
            self._process.join(_SECONDS_TO_END)
        self._process.terminate()
        self._process.join()

    def _answer(self) -> Any:
        try:
            well, answer = self._pipe.recv()
        except (EOFError, ConnectionResetError) as error:
            raise UserError('A process that measured has died, perhaps for '
                            'lack of memory. Choose a smaller --size.'
                            ) from error
        self._is_waiting = True
        if not well:
            raise UserError(answer)
        return answer


def _serve(pipe: Connection, build: Callable[..., Any],
           arguments: tuple) -> None:
    """What runs in the process, until it is ended."""
    # Ctrl-C is the first process's, which ends this one
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with_parent()
    measured = None

    def built() -> None:
        nonlocal measured
        measured = build(*arguments)

    answer = _tried(built)
    with suppress(EOFError, BrokenPipeError):
        while True:
            pipe.send(answer)
            name, given = pipe.recv()
            answer = _tried(getattr(measured, name), *given)


def _tried(function: Callable[..., Any], *arguments: Any
           ) -> tuple[bool, Any]:
    """Whether it went well, and the result or what to say."""
    try:
        return True, function(*arguments)
    except Exception as error:
        return False, explain(error) or traceback.format_exc()
