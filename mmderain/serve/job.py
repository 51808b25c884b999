"""A visitor's file and what became of it."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from mmderain.serve.limits import NO_ROOM, known_suffix
from mmderain.serve.view import drop_map, view_of

_PROGRESS = ('frame', 'frames', 'fps', 'eta')
_LONGEST_NAME = 100


class State(StrEnum):
    """Where a job is."""

    UPLOADING = 'uploading'
    WAITING = 'waiting'
    RUNNING = 'running'  # is being looked at or derained
    SHOWING = 'showing'  # what the page shows is being written
    DONE = 'done'
    FAILED = 'failed'

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self in (State.DONE, State.FAILED)


@dataclass
class Job:
    """A file to derain, and what is known of that.

    Args:
        id: Who knows it may see the job.
        name: What the visitor calls the file; it is shown, and never a path.
        folder: Of this job alone; its files have names of ours.
        result_name: Of the result in it.
        options: Of ``mmderain derain``.
    """

    id: str
    name: str
    folder: Path
    result_name: str
    options: tuple[str, ...] = ()
    state: State = State.UPLOADING
    progress: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    report: dict[str, Any] | None = None
    error: str | None = None
    has_drops: bool = False

    @property
    def source(self) -> Path:
        """The upload."""
        return self.folder / f'rainy{known_suffix(self.name)}'

    @property
    def result(self) -> Path:
        """What was made of it."""
        return self.folder / self.result_name

    @property
    def view(self) -> Path | None:
        """What the page shows, if it could be written."""
        return view_of(self.result)

    @property
    def download_name(self) -> str:
        """The visitor's name for the result, as a file of any system."""
        stem = self.name[:-len(self.source.suffix)]
        stem = re.sub(r'[\\/:*?"<>|]|[^ -~\w]', '_', stem).strip(' .')
        return f'{stem[:_LONGEST_NAME] or "video"}_clean{self.result.suffix}'

    def hear(self, line: dict[str, Any]) -> None:
        """Take in a line of ``--json-progress``; see docs/video.md."""
        match line['state']:
            case 'running':
                self.state = (State.SHOWING if line['output'] is None
                              else State.RUNNING)
                self.progress = {name: line[name] for name in _PROGRESS}
            case 'note':
                self.notes.append(self._own_words(line['text']))
            case 'finished':
                self.report = line
                self.notes = [*map(self._own_words, line['notes'])]
                self.has_drops = drop_map(self.result) is not None
            case 'end' if line['error'] is not None:
                # the words for a full disk are for who can free it
                self.fail(NO_ROOM if line['kind'] == 'space'
                          else self._own_words(line['error']))

    def fail(self, why: str) -> None:
        """Nothing comes of it."""
        if not self.state.is_over:
            self.state, self.error = State.FAILED, why

    def end(self, status: int) -> None:
        """Its process has ended.

        Args:
            status: That of the process; the negative number of a signal.
        """
        if status == 0 and self.result.is_file():
            self.state = State.DONE
        self.fail(
            f'The process of this job has died (signal {-status}): the memory '
            'of the server may not suffice, or the file makes a library '
            'crash. Scale the video down, or convert it.' if status < 0 else
            f'The process of this job has ended with status {status}. The '
            'server has printed why.')

    def _own_words(self, text: str) -> str:
        """A message with the visitor's names, and no path of ours."""
        return (text.replace(f'{self.folder}/', '')
                .replace(self.source.name, self.name)
                .replace(self.result_name, self.download_name))

    def described(self, before: int) -> dict[str, Any]:
        """What the page is told.

        Args:
            before: Jobs that wait before this one.
        """
        view = self.view if self.state is State.DONE else None
        report = self.report or {}
        return dict(
            id=self.id, name=self.name, state=self.state, before=before,
            progress=self.progress, notes=self.notes, error=self.error,
            download=self.download_name, has_drops=self.has_drops,
            view=view and ('video' if view.suffix == '.mp4' else 'picture'),
            **{name: report.get(name) for name in (
                'frames', 'seconds', 'mean_change', 'looked_for_drops',
                'frames_with_drops')})
