"""What a worker does on its machine; nothing here knows which engine asks."""

import os
import platform
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from mmderain.backends import limit_threads
from mmderain.errors import UserError
from mmderain.jobs.workers import TRY_ELSEWHERE, Task, Work
from mmderain.restorer import Restorer
from mmderain.version import __version__


class Told(NamedTuple):
    """How a task has got on since it was last asked.

    Args:
        frames: That were done; fewer than none, where they are done again.
        notes: What a user should know.
    """

    frames: int
    notes: tuple[str, ...]


class Ready(NamedTuple):
    """A worker is ready.

    Args:
        place: Its machine and process.
        free_memory: Of its device.
    """

    place: str
    free_memory: int


class Done(NamedTuple):
    """A task is done, with this result."""

    result: Any
    told: Told


class Refused(NamedTuple):
    """A task may be done by another worker, but not by this one."""

    reason: str
    told: Told


@dataclass(frozen=True)
class Setup:
    """How a worker is made.

    Args:
        build: Builds its restorer.
        known_by: The restorer that is meant, by what it is known.
        threads: Of the CPU; None for as many as there are.
        folder: In which relative paths begin.
    """

    build: Callable[[], Restorer]
    known_by: dict
    threads: int | None
    folder: str
    version: str = __version__

    def restorer(self) -> Restorer:
        """Build it here.

        Raises:
            UserError: It is another one here.
        """
        if self.version != __version__:
            raise UserError(
                f'{_place()} has mmderain {__version__}, expected '
                f'{self.version}. Install the same version everywhere.')
        # on a machine that shares no disk there are no paths
        with suppress(OSError):
            os.chdir(self.folder)
        if self.threads is not None:
            limit_threads(self.threads)
        restorer = self.build()
        if restorer.known_by != self.known_by:
            raise UserError(
                f'{_place()} has another model under this name than the '
                'machine that gives the work. Put the same file everywhere.')
        return restorer


class Server:
    """Does tasks, one at a time, while another thread asks how it gets on.

    Args:
        setup: How it is made; not before it is needed.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._restorer: Restorer | None = None
        self._tally = _Tally()
        self._begun = ExitStack()
        self._number: int | None = None
        self._do: Callable[[Any], Any] | None = None

    def ready(self) -> Ready:
        """Get ready.

        Raises:
            UserError: It cannot work here.
        """
        self._restorer = self._setup.restorer()
        return Ready(_place(), self._restorer.free_memory())

    def do(self, number: int, work: Work, task: Task) -> Done | Refused:
        """Do a task.

        Args:
            number: Of the work: another one is begun anew.
            work: How tasks are done.
            task: The task.

        Raises:
            Exception: As of the task.
        """
        if number != self._number:
            self._begun.close()
            self._do = self._begun.enter_context(
                work.begin(self._restorer, self._tally))
            self._number = number
        try:
            return Done(self._do(task), self._tally.take())
        except TRY_ELSEWHERE as error:
            return Refused(str(error), self._tally.take())

    def told(self) -> Told:
        """How the task gets on."""
        return self._tally.take()

    def stop(self) -> None:
        """Let the task end at its next frame, and tidy."""
        self._tally.is_stopped = True


class _Tally:
    """Counts what nobody has asked for yet; see ``Progress``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.is_stopped = False
        self._frames, self._notes = 0, []

    def frames(self, count: int) -> None:
        if self.is_stopped:
            raise UserError('stopped')
        with self._lock:
            self._frames += count

    def note(self, text: str) -> None:
        with self._lock:
            self._notes.append(text)

    def take(self) -> Told:
        with self._lock:
            told = Told(self._frames, tuple(self._notes))
            self._frames, self._notes = 0, []
        return told


def _place() -> str:
    return f'{platform.node()}, process {os.getpid()}'
