"""The summary of an archive's run, of which several may write at once."""

import os
import platform
from collections.abc import Callable
from itertools import count
from pathlib import Path

from mmderain.errors import UserError
from mmderain.file_kinds import no_file
from mmderain.files import parse_json, write_json

# by which a summary is known
_KEYS = {'done', 'done_before', 'failed', 'failures', 'videos'}


class SummaryFile:
    """A JSON file that is written again and again, and is this run's alone.

    The summary of an earlier run is replaced. That of another shard is not,
    nor one that another run writes meanwhile: then this one's is
    ``<name>-2.json``, or the next that is free.

    Args:
        path: As it was asked for.
        note: Told where it is, if not under that name.
        shard: Its number, and that of all shards.

    Raises:
        UserError: Something else is there.
    """

    def __init__(self, path: Path, note: Callable[[str], object],
                 shard: tuple[int, int] = (0, 1)) -> None:
        self.path, self._note = path, note
        self._run = dict(shard=list(shard),
                         process=f'{platform.node()} {os.getpid()}')
        self._names = (path.with_stem(f'{path.stem}-{number}')
                       for number in count(2))
        self._known = self._text()
        if not os.path.lexists(path):
            return
        there = self._read()
        if not (isinstance(there, dict) and there.keys() >= _KEYS):
            raise UserError(
                f'--summary {path}: expected a new file, or the summary of an '
                'earlier run, which is replaced, but something else is there. '
                'Choose another name.')
        if there.get('shard', [0, 1]) != self._run['shard']:
            self._give_way('another shard')

    def write(self, content: dict) -> None:
        """Write the summary anew.

        Raises:
            UserError: It cannot be written.
        """
        if self._text() not in (None, self._known):
            self._give_way('another run, which is at work')
        write_json(self.path, dict(content, **self._run), parents=True)
        self._known = self._text()

    def _give_way(self, whose: str) -> None:
        name = next(name for name in self._names if not os.path.lexists(name))
        self._note(f'{self.path} holds the summary of {whose}: that of this '
                   f'run is {name}')
        self.path = name

    def _text(self) -> str | None:
        """What is there; None for nothing, or for no file."""
        if no_file(self.path):  # a pipe would be waited for
            return None
        try:
            return self.path.read_text(encoding='utf-8')
        except (OSError, ValueError):
            return None

    def _read(self) -> object:
        try:
            return parse_json(self._text() or '')
        except ValueError:
            return None
