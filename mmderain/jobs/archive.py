"""Thousands of videos: each once, whatever happens in between."""

import time
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from mmderain.errors import explain, fault
from mmderain.jobs.anywhere import output_known_by
from mmderain.jobs.archive_list import QUESTIONS, Entry, longest_first
from mmderain.jobs.derain_job import DerainJob
from mmderain.jobs.device_processes import workers_on
from mmderain.jobs.display import (
    Display,
    JobDisplay,
    Outcome,
    Relayed,
    ShownFrames,
    ignore,
)
from mmderain.jobs.options import DerainOptions, DerainReport
from mmderain.jobs.outputs import (
    MAIN,
    check_apart,
    output_targets,
    parts_path,
)
from mmderain.jobs.parts_folder import PartsFolder
from mmderain.jobs.records import (
    Standing,
    Verdict,
    done_report,
    judge,
    record_of,
    record_path,
    write_record,
)
from mmderain.jobs.settings import output_settings
from mmderain.jobs.sharing import Sharing
from mmderain.jobs.staged_job import StagedJob
from mmderain.jobs.summary_file import SummaryFile
from mmderain.jobs.workers import TRY_ELSEWHERE, Fleet, Progress, Workers
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
                    _tidy(entry)
                    return done
                if entry.is_stored:
                    return StagedJob(restorer, entry, self.options, display,
                                     self.stage).run(settings)
                entry.target.parent.mkdir(parents=True, exist_ok=True)
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
                return _reason(error, display)

        yield derain

    @staticmethod
    def given_up(reason: str) -> str:
        """The result of a video that no worker can do."""
        return reason


def _tidy(entry: Entry) -> None:
    """Remove what a kill has left of what is recorded."""
    if not entry.is_stored:
        PartsFolder(entry.target).remove_finished(
            MAIN, output_fingerprint(entry.target))


def _reason(error: Exception, display: JobDisplay) -> str:
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


class _Account:
    """What was done and what failed, shown and in the summary."""

    def __init__(self, summary: SummaryFile | None,
                 display: Display) -> None:
        self.summary = summary
        self.display = display
        self.began = time.monotonic()
        self.done: list[DerainReport] = []
        self.earlier = 0
        self.trusted = 0
        self.failures: list[dict] = []

    def add(self, entry: Entry, result: DerainReport | str) -> None:
        """Note the result of an entry."""
        if isinstance(result, str):
            self.failures.append(dict(input=str(entry.source), reason=result))
            self.display.failed(entry.source, entry.target, result)
        else:
            self.done.append(result)
            self.display.finished(entry.source, result)
        self.write()

    def write(self) -> None:
        """Write the summary anew."""
        if self.summary is None:
            return
        seconds = time.monotonic() - self.began
        frames = sum(report.derained for report in self.done)
        self.summary.write(dict(
            done=len(self.done), done_before=self.earlier,
            done_before_by_0_1=self.trusted,
            failed=len(self.failures), frames=frames, hours=seconds / 3600,
            frames_per_second=frames / max(seconds, 1e-9),
            input_bytes=sum(report.input_bytes for report in self.done),
            output_bytes=sum(report.output_bytes for report in self.done),
            failures=self.failures,
            videos=[asdict(item) for item in self.done]))

    def close(self) -> int:
        """Say the last word; returns how many failed."""
        self.display.ended(Outcome(len(self.done), self.earlier, self.trusted,
                                   self.failures))
        return len(self.failures)


def derain_archive(restorer: Restorer, entries: Sequence[Entry],
                   options: DerainOptions, summary: SummaryFile | None,
                   display: Display, stage: Path | None = None,
                   fleet: Fleet | None = None) -> int:
    """Derain what is not done yet; failures do not stop the rest.

    Args:
        restorer: Restores the frames.
        entries: What to do.
        options: How; unfinished work is resumed, unless everything is
            to be overwritten. Several devices each take whole videos.
        summary: Written after every video anew.
        display: Shows how it is getting on.
        stage: As of :class:`ArchiveWork`.
        fleet: Workers elsewhere. They share what is long, segment by
            segment; else each takes whole videos. What one of them cannot do
            another one tries.

    Returns:
        int: How many failed.

    Raises:
        UserError: Inputs and outputs would destroy each other, there is no
            such device, or one of several processes was ended by others.
    """
    check_archive(restorer, entries, options, summary)
    account = _Account(summary, display)
    account.write()
    is_shared = len(options.devices) > 1 or fleet is not None
    sizes = longest_first(entries) if is_shared else dict.fromkeys(entries, 0)
    settings = output_settings(restorer, options)

    def left() -> Iterator[Entry]:
        if options.overwrite:
            yield from sizes
            return
        for entry, verdict in _judged(sizes, settings, display):
            if verdict.standing is Standing.REFUSED:
                account.add(entry, verdict.reason)
            elif verdict.standing is Standing.OPEN:
                if verdict.reason:
                    display.note(verdict.reason)
                yield entry
            else:
                _tidy(entry)
                account.earlier += 1
                account.trusted += verdict.standing is Standing.TRUSTED

    rest = left()
    # no process is started for nothing
    first = next(rest, None)
    if first is not None:
        rest = chain([first], rest)
        work = ArchiveWork(
            replace(options, resume=not options.overwrite, devices=()),
            None if is_shared else display, stage, fleet is not None)
        with (fleet or partial(workers_on, options.devices))(
                restorer) as workers, (
                display.begin(None, None, None, 0) if is_shared
                # each video has a display of its own
                else nullcontext(ignore)) as count:
            progress = ShownFrames(count, display.note)
            if fleet is not None:
                sharing = Sharing(restorer, workers, sum(sizes.values()),
                                  options.segment_frames)
                with replace(work, passes_on=False, workers=workers).begin(
                        restorer, progress) as derain:
                    for entry in rest:
                        if not sharing.pays(entry, sizes[entry]):
                            rest = chain([entry], rest)
                            break
                        account.add(entry, derain(entry))
            workers.do(work, lambda worker: next(rest, None),
                       lambda worker, entry, result: account.add(
                           entry, result), progress)
    account.write()
    return account.close()


def _judged(entries: Collection[Entry], settings: dict, display: Display
            ) -> Iterator[tuple[Entry, Verdict]]:
    """What records are worth; a store is asked for many at once."""

    def verdict(entry: Entry) -> Verdict:
        try:
            return judge(entry.source, entry.target, settings)
        except Exception as error:
            return Verdict(Standing.REFUSED, _reason(error, display))

    at_once = QUESTIONS if any(entry.is_stored for entry in entries) else 1
    rest = iter(entries)
    with ThreadPoolExecutor(QUESTIONS) as pool:
        while some := [*islice(rest, at_once)]:
            yield from zip(some, pool.map(verdict, some), strict=True)


def check_archive(restorer: Restorer, entries: Sequence[Entry],
                  options: DerainOptions, summary: SummaryFile | None
                  ) -> None:
    """Refuse a list whose inputs and outputs would destroy each other.

    Raises:
        UserError: They would.
    """
    kept = [options.mask] if options.mask is not None else []
    check_apart([
        ([entry.source, *kept],
         [*output_targets(entry.target, options,
                          restorer.map_names).values(),
          parts_path(entry.target), record_path(entry.target)])
        for entry in entries]
        + [([], [summary.path] if summary else [])])
