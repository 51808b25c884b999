"""Thousands of videos: each once, whatever happens in between."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from mmderain.apis.archive_list import Entry
from mmderain.apis.crew import Tell
from mmderain.apis.derain_job import DerainJob
from mmderain.apis.derain_options import DerainOptions, DerainReport
from mmderain.apis.device_processes import crew_of
from mmderain.apis.parts_folder import write_json
from mmderain.errors import UserError
from mmderain.version import __version__

if TYPE_CHECKING:
    from mmderain.apis.inferencer import DerainInferencer


@dataclass(frozen=True)
class ArchiveWork:
    """How to derain whole videos, in whatever process.

    Args:
        options: How; unfinished work is gone on with.
        tells: Whether frames are told of, instead of a bar for each video.
    """

    options: DerainOptions
    tells: bool

    @contextmanager
    def begin(self, inferencer: 'DerainInferencer', tell: Tell
              ) -> Iterator[Callable[[Entry], DerainReport | str]]:
        """Gives what derains an entry: to a report, or why it failed."""

        def derain(entry: Entry) -> DerainReport | str:
            try:
                entry.target.parent.mkdir(parents=True, exist_ok=True)
                return DerainJob(
                    inferencer, entry.source, entry.target, self.options,
                    tell if self.tells else None
                ).run(partial(_write_record, inferencer, entry))
            # whatever one video of thousands brings must not stop the rest
            except (UserError, OSError, RuntimeError, ValueError) as error:
                return str(error) if isinstance(error, UserError) else (
                    f'{type(error).__name__}: {error}')

        yield derain


def _write_record(inferencer: 'DerainInferencer', entry: Entry,
                  report: DerainReport) -> None:
    write_json(entry.record, dict(
        version=__version__, input=str(entry.source),
        checkpoint=str(inferencer.checkpoint), method=inferencer.method.name,
        **asdict(report)))


class _Account:
    """What was done and what failed, on the screen and in the summary."""

    def __init__(self, summary: Path | None) -> None:
        self.summary = summary
        self.began = time.monotonic()
        self.done: list[DerainReport] = []
        self.earlier = 0
        self.failures: list[dict] = []

    def add(self, entry: Entry, result: DerainReport | str) -> None:
        """Note what became of an entry."""
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
        self.summary.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.summary, dict(
            done=len(self.done), done_before=self.earlier,
            failed=len(self.failures), frames=frames, hours=seconds / 3600,
            frames_per_second=frames / max(seconds, 1e-9),
            failures=self.failures,
            videos=[asdict(item) for item in self.done]))

    def close(self) -> None:
        """Say the last word."""
        print(f'{len(self.done)} done, {self.earlier} done before, '
              f'{len(self.failures)} failed')
        for failure in self.failures:
            print(f'  {failure["input"]}: {failure["reason"]}',
                  file=sys.stderr)


def derain_archive(inferencer: 'DerainInferencer', entries: Iterable[Entry],
                   options: DerainOptions, summary: Path | None) -> int:
    """Derain what is not done yet; failures do not stop the rest.

    Args:
        inferencer: Restores the frames.
        entries: What to do.
        options: How; unfinished work is gone on with, unless everything is
            to be overwritten. Several devices each take whole videos.
        summary: A JSON file to write, after every video anew.

    Returns:
        int: 0, or 1 where something failed.

    Raises:
        UserError: There is no such device, or one of several processes was
            ended by others.
    """
    account = _Account(summary)
    account.write()
    is_shared = len(options.devices) > 1

    def left() -> Iterator[Entry]:
        for entry in entries:
            if entry.record.is_file() and not options.overwrite:
                account.earlier += 1
            else:
                yield entry

    rest = left()
    # no process is started for nothing
    first = next(rest, None)
    if first is not None:
        rest = chain([first], rest)
        work = ArchiveWork(replace(
            options, resume=not options.overwrite, devices=(),
            show_progress=options.show_progress and not is_shared), is_shared)
        with crew_of(inferencer, options.devices) as crew, tqdm(
                desc='all videos', unit='frame',
                disable=not (is_shared and options.show_progress)) as bar:

            def tell(kind: str, content: Any) -> None:
                if kind == 'frames':
                    bar.update(content)
                else:
                    tqdm.write(content)

            crew.do(work, lambda member: next(rest, None),
                    lambda member, entry, result: account.add(entry, result),
                    tell)
    account.write()
    account.close()
    return 1 if account.failures else 0
