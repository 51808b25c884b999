"""Who does the work: this process, or several at once.

A *work* is picklable and says how tasks are done once a restorer is at
hand; who does them and where is left to a crew.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from mmderain.restorer import Restorer

# Told ('frames', number) and ('note', text) while a task is being done.
Tell = Callable[[str, Any], None]
Task = Any
Result = Any


class Work(Protocol):
    """How tasks are done."""

    def begin(self, restorer: Restorer, tell: Tell
              ) -> AbstractContextManager[Callable[[Task], Result]]:
        """Get ready; gives what does a task."""


class Crew(Protocol):
    """Does tasks of a work."""

    size: int

    def fit_tile(self, height: int, width: int) -> tuple[int, int] | None:
        """A tile that fits everywhere."""

    def do(self, work: Work, next_task: Callable[[int], Task | None],
           on_result: Callable[[int, Task, Result], None],
           tell: Tell) -> None:
        """Do tasks until there are none.

        Args:
            work: How.
            next_task: From the number of a member to its next task, or None.
            on_result: Told the member, the task and its result.
            tell: Told of progress.

        Raises:
            UserError: A task failed; the others are stopped.
        """


class OwnProcess:
    """A crew of one: this process.

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

    def fit_tile(self, height: int, width: int) -> tuple[int, int] | None:
        """A tile that fits into memory."""
        return self.restorer.fit_tile(height, width)

    def do(self, work: Work, next_task: Callable[[int], Task | None],
           on_result: Callable[[int, Task, Result], None],
           tell: Tell) -> None:
        """Do tasks one after the other; see :class:`Crew`."""
        with work.begin(self.restorer, tell) as do:
            while (task := next_task(0)) is not None:
                on_result(0, task, do(task))
