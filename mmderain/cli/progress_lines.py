"""``--json-progress``: for programs around it, a JSON object a line."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmderain.jobs.display import Count, Outcome, Place, Report
    from mmderain.jobs.dry_run import Plan

_SECONDS = 0.5  # between two lines of one video
_AVERAGED = 10.0  # seconds over which the speed is


class JsonLines:
    """Writes what happens, a line each; see docs/video.md."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    @contextmanager
    def begin(self, source: 'Place | None', target: 'Place | None',
              frames: int | None, done: int) -> Iterator['Count']:
        """Lines of the state ``running``: the first at once."""
        running = _Running(frames, done)

        def line() -> None:
            self._write('running', input=_text(source), output=_text(target),
                        **running.figures(),
                        **(self._counts if source is None else {}))

        def count(more: int) -> None:
            if running.count(more):
                line()

        line()
        yield count
        line()

    def note(self, text: str) -> None:
        """A line of the state ``note``."""
        self._write('note', text=text)

    def finished(self, source: 'Place', report: 'Report') -> None:
        """A line of the state ``finished``, with the report."""
        self._write('finished', input=str(source), **asdict(report))

    def failed(self, source: Path, target: Path, reason: str) -> None:
        """A line of the state ``failed``."""
        self._write('failed', input=str(source), output=str(target),
                    error=reason)

    def planned(self, plan: 'Plan') -> None:
        """A line of the state ``planned``, of a dry run."""
        self._write('planned', **asdict(plan))

    def refused(self, source: Path, target: Path, reason: str) -> None:
        """A line of the state ``refused``, of a dry run."""
        self._write('refused', input=str(source), output=str(target),
                    error=reason)

    def planned_all(self, plans: Sequence['Plan'], done: int,
                    refused: int) -> None:
        """Nothing: inputs have lines."""

    def counted(self, done: int, videos: int) -> None:
        """In the lines of the state ``running`` of all videos."""
        self._counts = dict(videos_done=done, videos=videos)

    def ended(self, outcome: 'Outcome') -> None:
        """Nothing: videos have lines, and the last one says the rest."""

    def end(self, status: int, text: str = '', kind: str | None = None
            ) -> None:
        """The last line: the state ``end``, with the exit status."""
        self._write('end', status=int(status), error=text or None, kind=kind)

    def _write(self, state: str, **more: Any) -> None:
        print(json.dumps(dict(state=state, **more)), file=sys.stderr,
              flush=True)


class _Running:
    """How many frames are done, and how fast."""

    def __init__(self, frames: int | None, done: int) -> None:
        self._frames, self._done = frames, done
        now = time.monotonic()
        # moments, and frames that were done then
        self._marks = [(now, done)]
        self._told = now

    def count(self, more: int) -> bool:
        """Count frames; whether it is time to tell."""
        now = time.monotonic()
        self._done += more
        if now - self._told < _SECONDS:
            return False
        self._told = now
        self._marks.append((now, self._done))
        while len(self._marks) > 2 and now - self._marks[1][0] > _AVERAGED:
            del self._marks[0]
        return True

    def figures(self) -> dict[str, Any]:
        """What a line says of it; None where nobody knows."""
        began, before = self._marks[0]
        made = self._done - before
        # of 0 frames there is no speed
        fps = made / max(time.monotonic() - began, 1e-9) if made else None
        left = None if self._frames is None else max(
            0, self._frames - self._done)
        return dict(
            frame=self._done, frames=self._frames,
            fps=None if fps is None else round(fps, 3),
            eta=None if None in (fps, left) else round(left / fps, 1))


def _text(path: 'Place | None') -> str | None:
    return None if path is None else str(path)
