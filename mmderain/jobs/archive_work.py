"""What workers do in an archive: whole videos, each recorded when it is done.
"""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mmderain.errors import explain, fault
from mmderain.jobs.anywhere import is_there, output_known_by, remove
from mmderain.jobs.archive_list import Entry
from mmderain.jobs.derain_job import DerainJob
from mmderain.jobs.display import JobDisplay, Relayed
from mmderain.jobs.options import DerainOptions, DerainReport
from mmderain.jobs.outputs import MAIN
from mmderain.jobs.parts_folder import PartsFolder
from mmderain.jobs.records import done_report, record_of, write_record
from mmderain.jobs.settings import output_settings
from mmderain.jobs.staged_job import StagedJob, note_path
from mmderain.jobs.workers import TRY_ELSEWHERE, Progress, Workers
from mmderain.media.frame_folder import output_fingerprint
from mmderain.restorer import Restorer


@dataclass(frozen=True)
class ArchiveWork:
    """How to derain whole videos, in whatever process.

    Args:
        options: How; unfinished work is resumed.
        display: Shows each video; None where another process shows all.
        stage: Folder for copies of what is in stores; None for a temporary
            one of the system.
        passes_on: Raise what may not stop another worker, such as a disk
            that is full, instead of noting it as a failure.
        workers: Share the segments of each video; None for one alone.
    """

    options: DerainOptions
    display: JobDisplay | None
    stage: Path | None = None
    passes_on: bool = False
    workers: Workers | None = None

    @contextmanager
    def begin(self, restorer: Restorer, progress: Progress
              ) -> Iterator[Callable[[Entry], DerainReport | str]]:
        """Gives what derains an entry: to a report, or why it failed."""

        settings = output_settings(restorer, self.options)
        display = self.display or Relayed(progress)

        def derain(entry: Entry) -> DerainReport | str:
            try:
                # by a worker that was lost before it could say so, or by
                # another run since a store was asked
                may_be_done = self.options.resume and (
                    self.passes_on or entry.is_stored)
                done = (done_report(entry.source, entry.target, settings)
                        if may_be_done else None)
                if done is not None:
                    tidy(entry)
                    return done
                if entry.is_stored:
                    return StagedJob(restorer, entry, self.options, display,
                                     self.stage).run(settings)
                job = DerainJob(
                    restorer, entry.source, entry.target, self.options,
                    display, self.workers)

                def record(report: DerainReport) -> None:
                    write_record(entry.target, record_of(
                        entry.source, job.input_known_by,
                        output_known_by(entry.target), settings, report))

                return job.run(record)
            except Exception as error:
                if self.passes_on and isinstance(error, TRY_ELSEWHERE):
                    raise
                return reason_of(error, display)

        yield derain

    @staticmethod
    def given_up(reason: str) -> str:
        """The result of a video that no worker can do."""
        return reason


def tidy(entry: Entry) -> None:
    """Remove what a kill has left of what is recorded."""
    if not entry.is_stored:
        PartsFolder(entry.target).remove_finished(
            MAIN, output_fingerprint(entry.target))
    elif is_there(note_path(entry.target)):
        remove(note_path(entry.target))


def reason_of(error: Exception, display: JobDisplay) -> str:
    """Whatever one video of thousands brings must not stop the rest.

    Raises:
        BrokenPipeError: Nobody reads on what is printed.
    """
    if isinstance(error, BrokenPipeError):
        raise error
    said = explain(error)
    if said is None:
        display.note(''.join(traceback.format_exception(error)))
        said = fault(error)
    return said
