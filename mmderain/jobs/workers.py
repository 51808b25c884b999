"""Who does the work: this process, or several at once.

A *work* is picklable and says how tasks are done once a restorer is at hand;
who does them and where is left to the workers.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from mmderain.errors import NoSpaceError
from mmderain.processes import stop_if_asked
from mmderain.restorer import Restorer, Tile
from mmderain.stores import StoreError

# what may not hinder another worker, on another machine
TRY_ELSEWHERE = (NoSpaceError, StoreError)
Task = TypeVar('Task')
Result = TypeVar('Result')


class Progress(Protocol):
    """Is told how tasks are getting on."""

    def frames(self, count: int) -> None:
        """So many more frames are done; fewer, where they are done again."""

    def note(self, text: str) -> None:
        """Something that a user should know."""


class Work(Protocol[Task, Result]):
    """How tasks are done."""

    def begin(self, restorer: Restorer, progress: Progress
              ) -> AbstractContextManager[Callable[[Task], Result]]:
        """Get ready; gives what does a task."""


class Workers(Protocol):
    """Do tasks of a work."""

    size: int

    def fit_tile(self, height: int, width: int) -> Tile:
        """A tile that fits everywhere."""

    def do(self, work: Work[Task, Result],
           next_task: Callable[[int], Task | None],
           on_result: Callable[[int, Task, Result], None],
           progress: Progress) -> None:
        """Do tasks until there are none.

        Args:
            work: How.
            next_task: From the number of a worker to its next task, or None.
            on_result: Told the worker, the task and its result.
            progress: Told how tasks are getting on.

        Raises:
            UserError: A task failed; the others are stopped.
        """


class FleetWorkers(Workers, Protocol):
    """Workers on other machines; all of one kind."""

    device: str


# gives workers that are like a restorer, for as long as they are needed
Fleet = Callable[[Restorer], AbstractContextManager[FleetWorkers]]


class OwnProcess:
    """This process as the only worker.

    Args:
        restorer: Restores the frames.
    """

    size = 1

    def __init__(self, restorer: Restorer) -> None:
        self.restorer = restorer

    def __enter__(self) -> 'OwnProcess':
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to do."""

    def fit_tile(self, height: int, width: int) -> Tile:
        """A tile that fits into memory."""
        return self.restorer.fit_tile(height, width)

    def do(self, work: Work[Task, Result],
           next_task: Callable[[int], Task | None],
           on_result: Callable[[int, Task, Result], None],
           progress: Progress) -> None:
        """Do tasks one after the other; see :class:`Workers`.

        Raises:
            KeyboardInterrupt: Of a ``StopSignal`` around this, between two
                frames or tasks.
        """
        with work.begin(self.restorer, _Stoppable(progress)) as do:
            while (task := next_task(0)) is not None:
                on_result(0, task, do(task))
                stop_if_asked()


class _Stoppable:
    """Progress that ends where a signal has come."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def frames(self, count: int) -> None:
        self._progress.frames(count)
        stop_if_asked()

    def note(self, text: str) -> None:
        self._progress.note(text)
