"""Thousands of videos: each once, whatever happens in between."""

import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from mmderain.jobs.archive_list import QUESTIONS, Entry, longest_first
from mmderain.jobs.archive_work import ArchiveWork, reason_of, tidy
from mmderain.jobs.device_processes import workers_on
from mmderain.jobs.display import Display, Outcome, ShownFrames, ignore
from mmderain.jobs.options import DerainOptions, DerainReport
from mmderain.jobs.outputs import check_apart, output_targets, parts_path
from mmderain.jobs.records import Standing, Verdict, judge, record_path
from mmderain.jobs.settings import output_settings
from mmderain.jobs.sharing import Sharing
from mmderain.jobs.summary_file import SummaryFile
from mmderain.jobs.workers import Fleet
from mmderain.restorer import Restorer


class _Account:
    """What was done and what failed, shown and in the summary."""

    def __init__(self, summary: SummaryFile | None, display: Display,
                 videos: int) -> None:
        self.summary = summary
        self.display = display
        self.videos = videos
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
        self._count()

    def pass_by(self, standing: Standing) -> None:
        """Note one that was done by an earlier run."""
        self.earlier += 1
        self.trusted += standing is Standing.TRUSTED
        self._count()

    def _count(self) -> None:
        self.display.counted(
            len(self.done) + self.earlier + len(self.failures), self.videos)

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
    account = _Account(summary, display, len(entries))
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
                account.pass_by(verdict.standing)

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
            found = judge(entry.source, entry.target, settings)
            if found.standing in (Standing.DONE, Standing.TRUSTED):
                tidy(entry)
            return found
        except Exception as error:
            return Verdict(Standing.REFUSED, reason_of(error, display))

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
