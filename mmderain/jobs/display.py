"""What is shown of the work on videos, while it is done and when it is."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from tqdm import tqdm

from mmderain.jobs.options import DerainReport, LiveReport
from mmderain.jobs.workers import Progress
from mmderain.media.live_address import LiveAddress
from mmderain.stores import StoreUrl

Place = Path | StoreUrl | LiveAddress
Report = DerainReport | LiveReport
# told how many more frames are done; fewer, where they are done again
Count = Callable[[int], object]


@dataclass(frozen=True)
class Outcome:
    """How the work on an archive ended.

    Args:
        done: Videos that were done now.
        done_before: That were done by earlier runs.
        trusted: Of those, the ones whose records are of mmderain 0.1.
        failures: ``input`` and ``reason`` of each that was not done.
    """

    done: int
    done_before: int
    trusted: int
    failures: Sequence[Mapping[str, str]]


class JobDisplay(Protocol):
    """Shows how the work on a video is getting on."""

    def begin(self, source: Place | None, target: Place | None,
              frames: int | None, done: int) -> AbstractContextManager[Count]:
        """The work begins.

        Args:
            source: The video; None for several at once.
            target: Its output.
            frames: Of the output; None where nobody knows.
            done: Of them by an earlier run.
        """

    def note(self, text: str) -> None:
        """Something that a user should know."""


class Display(JobDisplay, Protocol):
    """Shows what becomes of videos."""

    def finished(self, source: Place, report: Report) -> None:
        """A video is done."""

    def failed(self, source: Path, target: Path, reason: str) -> None:
        """A video of an archive is not done, and the others go on."""

    def counted(self, done: int, videos: int) -> None:
        """So many videos of an archive are done, or have failed."""

    def ended(self, outcome: Outcome) -> None:
        """No video of an archive is left."""


class ShownFrames(NamedTuple):
    """What workers tell, shown; see ``Progress``.

    Args:
        frames: Told their number.
        note: Told what a user should know.
    """

    frames: Count
    note: Callable[[str], object]


def ignore(told: object) -> None:
    """Tell nobody."""


NOBODY = ShownFrames(ignore, ignore)


class Bars:
    """For people: a bar for what is being done, and lines.

    Args:
        has_bars: Whether there are bars.
        repeats_notes: Whether notes are said once more when a video is done,
            where bars have pushed them out of sight.
    """

    def __init__(self, has_bars: bool = True, repeats_notes: bool = False
                 ) -> None:
        self._has_bars, self._repeats_notes = has_bars, repeats_notes
        self._archive = ''  # how many of its videos are done
        self._bar: tqdm | None = None  # of all of them

    @contextmanager
    def begin(self, source: Place | None, target: Place | None,
              frames: int | None, done: int) -> Iterator[Count]:
        """Show a bar."""
        name = 'all videos' if source is None else source.name
        with tqdm(desc=name, unit='frame', total=frames, initial=done,
                  disable=not self._has_bars) as bar:
            if source is None:
                bar.set_postfix_str(self._archive)
                self._bar = bar
            yield bar.update

    def note(self, text: str) -> None:
        """A line that no bar disturbs."""
        tqdm.write(text, file=sys.stderr)

    def finished(self, source: Place, report: Report) -> None:
        """The report."""
        for note in report.notes if self._repeats_notes else ():
            tqdm.write(note, file=sys.stderr)
        tqdm.write(str(report))

    def failed(self, source: Path, target: Path, reason: str) -> None:
        """Say it at once; it is listed at the end, too."""
        tqdm.write(f'failed: {source}: {reason}', file=sys.stderr)

    def counted(self, done: int, videos: int) -> None:
        """On the bar of all videos."""
        self._archive = f'{done} of {videos} videos'
        if self._bar is not None:
            self._bar.set_postfix_str(self._archive)

    def ended(self, outcome: Outcome) -> None:
        """Numbers, and what failed."""
        print(f'{outcome.done} done, {outcome.done_before} done before, '
              f'{len(outcome.failures)} failed')
        if outcome.trusted:
            print(f'{outcome.trusted} of those done before have records of '
                  'mmderain 0.1, which tell neither settings nor input: they '
                  'are trusted as their outputs have the recorded frames')
        for failure in outcome.failures:
            print(f'  {failure["input"]}: {failure["reason"]}',
                  file=sys.stderr)


class Relayed:
    """For the process that started this one, and shows one bar for all.

    Args:
        progress: Tells it.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @contextmanager
    def begin(self, source: Place | None, target: Place | None,
              frames: int | None, done: int) -> Iterator[Count]:
        """Count frames alone."""
        yield self._progress.frames

    def note(self, text: str) -> None:
        """Pass it on."""
        self._progress.note(text)
