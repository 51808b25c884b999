"""Who reads how `mmderain derain` is getting on: people, programs, nobody."""

import argparse
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tqdm import tqdm

from mmderain.cli.plan_text import describe_plan, describe_plans
from mmderain.cli.progress_lines import JsonLines
from mmderain.jobs.display import (
    Bars,
    Count,
    Display,
    Outcome,
    Place,
    Report,
)
from mmderain.jobs.dry_run import Plan


class CommandDisplay(Display, Protocol):
    """Shows also what would be done, in a dry run."""

    def planned(self, plan: Plan) -> None:
        """What would be done with an input."""

    def refused(self, source: Path, target: Path, reason: str) -> None:
        """An input of an archive would fail."""

    def planned_all(self, plans: Sequence[Plan], done: int,
                    refused: int) -> None:
        """What would be done with an archive, in all."""


class People(Bars):
    """Bars and lines."""

    def planned(self, plan: Plan) -> None:
        """Some lines."""
        tqdm.write(describe_plan(plan))

    def refused(self, source: Path, target: Path, reason: str) -> None:
        """A line."""
        tqdm.write(f'would fail: {source}: {reason}', file=sys.stderr)

    def planned_all(self, plans: Sequence[Plan], done: int,
                    refused: int) -> None:
        """A line."""
        tqdm.write(describe_plans(plans, done, refused))


class Quiet:
    """Nothing but errors, on standard error."""

    @contextmanager
    def begin(self, source: Place | None, target: Place | None,
              frames: int | None, done: int) -> Iterator[Count]:
        """Show nothing."""
        yield lambda count: None

    def note(self, text: str) -> None:
        """Show nothing."""

    def finished(self, source: Place, report: Report) -> None:
        """Show nothing."""

    def failed(self, source: Path, target: Path, reason: str) -> None:
        """An error."""
        tqdm.write(f'failed: {source}: {reason}', file=sys.stderr)

    def counted(self, done: int, videos: int) -> None:
        """Show nothing."""

    def ended(self, outcome: Outcome) -> None:
        """Show nothing: all errors were shown."""

    def planned(self, plan: Plan) -> None:
        """Show nothing: the exit status says that it can be done."""

    def refused(self, source: Path, target: Path, reason: str) -> None:
        """An error."""
        tqdm.write(f'would fail: {source}: {reason}', file=sys.stderr)

    def planned_all(self, plans: Sequence[Plan], done: int,
                    refused: int) -> None:
        """Show nothing."""


class _Notes(logging.Handler):
    """Shows what the library has to say."""

    def __init__(self, note: Callable[[str], object]) -> None:
        super().__init__(logging.INFO)
        self._note = note

    def emit(self, record: logging.LogRecord) -> None:
        """As a note."""
        self._note(record.getMessage())


@contextmanager
def library_notes(note: Callable[[str], object]) -> Iterator[None]:
    """Show what happens below, such as a trial that takes a while."""
    logger, handler = logging.getLogger('mmderain'), _Notes(note)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


def choose_display(args: argparse.Namespace, is_archive: bool
                   ) -> CommandDisplay:
    """What ``--quiet`` and ``--json-progress`` say."""
    if args.json_progress:
        return JsonLines()
    return Quiet() if args.quiet else People(repeats_notes=not is_archive)
