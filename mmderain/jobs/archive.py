"""Thousands of videos: each once, whatever happens in between."""

import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from tqdm import tqdm

from mmderain.errors import explain, fault
from mmderain.jobs.archive_list import Entry
from mmderain.jobs.derain_job import DerainJob
from mmderain.jobs.device_processes import workers_on
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
    judge,
    record_path,
    write_record,
)
from mmderain.jobs.settings import output_settings
from mmderain.jobs.summary_file import SummaryFile
from mmderain.jobs.workers import Progress
from mmderain.media.frame_folder import output_fingerprint
from mmderain.restorer import Restorer


@dataclass(frozen=True)
class ArchiveWork:
    """How to derain whole videos, in whatever process.

    Args:
        options: How; unfinished work is resumed.
        is_shared: Whether there is one bar, instead of one for each video.
    """

    options: DerainOptions
    is_shared: bool

    @contextmanager
    def begin(self, restorer: Restorer, progress: Progress
              ) -> Iterator[Callable[[Entry], DerainReport | str]]:
        """Gives what derains an entry: to a report, or why it failed."""

        settings = output_settings(restorer, self.options)

        def derain(entry: Entry) -> DerainReport | str:
            try:
                entry.target.parent.mkdir(parents=True, exist_ok=True)
                job = DerainJob(
                    restorer, entry.source, entry.target, self.options,
                    progress if self.is_shared else None)
                return job.run(partial(
                    write_record, entry.source, job.input_known_by,
                    entry.target, settings))
            except Exception as error:
                return _reason(error)

        yield derain


def _reason(error: Exception) -> str:
    """Whatever one video of thousands brings must not stop the rest.

    Raises:
        BrokenPipeError: Nobody reads on what is printed.
    """
    if isinstance(error, BrokenPipeError):
        raise error
    said = explain(error)
    if said is None:
        tqdm.write(''.join(traceback.format_exception(error)),
                   file=sys.stderr)
        said = fault(error)
    return said


class _Account:
    """What was done and what failed, on the screen and in the summary."""

    def __init__(self, summary: SummaryFile | None) -> None:
        self.summary = summary
        self.began = time.monotonic()
        self.done: list[DerainReport] = []
        self.earlier = 0
        self.trusted = 0
        self.failures: list[dict] = []

    def add(self, entry: Entry, result: DerainReport | str) -> None:
        """Note the result of an entry."""
        if isinstance(result, str):
            self.failures.append(dict(input=str(entry.source), reason=result))
            tqdm.write(f'failed: {entry.source}: {result}', file=sys.stderr)
        else:
            self.done.append(result)
            tqdm.write(str(result))
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
            failures=self.failures,
            videos=[asdict(item) for item in self.done]))

    def close(self) -> None:
        """Say the last word."""
        print(f'{len(self.done)} done, {self.earlier} done before, '
              f'{len(self.failures)} failed')
        if self.trusted:
            print(f'{self.trusted} of those done before have records of '
                  'mmderain 0.1, which tell neither settings nor input: they '
                  'are trusted as their outputs have the recorded frames')
        for failure in self.failures:
            print(f'  {failure["input"]}: {failure["reason"]}',
                  file=sys.stderr)


def derain_archive(restorer: Restorer, entries: Sequence[Entry],
                   options: DerainOptions, summary: SummaryFile | None
                   ) -> int:
    """Derain what is not done yet; failures do not stop the rest.

    Args:
        restorer: Restores the frames.
        entries: What to do.
        options: How; unfinished work is resumed, unless everything is
            to be overwritten. Several devices each take whole videos.
        summary: Written after every video anew.

    Returns:
        int: 0, or 1 where something failed.

    Raises:
        UserError: Inputs and outputs would destroy each other, there is no
            such device, or one of several processes was ended by others.
    """
    _check_apart(restorer, entries, options,
                 summary.path if summary else None)
    account = _Account(summary)
    account.write()
    is_shared = len(options.devices) > 1
    settings = output_settings(restorer, options)

    def left() -> Iterator[Entry]:
        for entry in entries:
            if options.overwrite:
                yield entry
                continue
            try:
                verdict = judge(entry.source, entry.target, settings)
            except Exception as error:
                verdict = Verdict(Standing.REFUSED, _reason(error))
            if verdict.standing is Standing.REFUSED:
                account.add(entry, verdict.reason)
            elif verdict.standing is Standing.OPEN:
                if verdict.reason:
                    tqdm.write(verdict.reason, file=sys.stderr)
                yield entry
            else:
                PartsFolder(entry.target).remove_finished(
                    MAIN, output_fingerprint(entry.target))
                account.earlier += 1
                account.trusted += verdict.standing is Standing.TRUSTED

    rest = left()
    # no process is started for nothing
    first = next(rest, None)
    if first is not None:
        rest = chain([first], rest)
        work = ArchiveWork(replace(
            options, resume=not options.overwrite, devices=(),
            show_progress=options.show_progress and not is_shared), is_shared)
        with workers_on(options.devices, restorer) as workers, tqdm(
                desc='all videos', unit='frame',
                disable=not (is_shared and options.show_progress)) as bar:
            workers.do(work, lambda worker: next(rest, None),
                       lambda worker, entry, result: account.add(
                           entry, result), _Bar(bar))
    account.write()
    account.close()
    return 1 if account.failures else 0


class _Bar:
    """One bar for all videos."""

    def __init__(self, bar: tqdm) -> None:
        self._bar = bar

    def frames(self, count: int) -> None:
        self._bar.update(count)

    def note(self, text: str) -> None:
        self._bar.write(text)


def _check_apart(restorer: Restorer, entries: Sequence[Entry],
                 options: DerainOptions, summary: Path | None) -> None:
    """Refuse a list whose inputs and outputs would destroy each other."""
    kept = [options.mask] if options.mask is not None else []
    check_apart([
        ([entry.source, *kept],
         [*output_targets(entry.target, options,
                          restorer.map_names).values(),
          parts_path(entry.target), record_path(entry.target)])
        for entry in entries] + [([], [summary] if summary else [])])
