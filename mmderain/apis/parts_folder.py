"""Unfinished work beside an output: ``OUTPUT.parts``."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mmderain.errors import UserError

_STATE = 'state.json'


def write_json(path: Path, content: object) -> None:
    """Write a file as a whole: after a kill it is the old or the new one.

    Raises:
        UserError: It cannot be written.
    """
    unfinished = path.with_name(f'{path.name}.unfinished')
    try:
        unfinished.write_text(json.dumps(content, indent=2) + '\n',
                              encoding='utf-8')
        os.replace(unfinished, path)
    except OSError as error:
        raise UserError(f'{path} cannot be written: {error}') from error


class PartsFolder:
    """Keeps what is finished of an output, and by which settings.

    Args:
        target: The output.
    """

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f'{target.name}.parts')
        self._state: dict = {}

    @property
    def segments(self) -> dict[int, list]:
        """Number of each finished segment -> what is known of it."""
        known = self._state.setdefault('segments', {})
        return {int(number): known[number]
                for number in sorted(known, key=int)}

    @contextmanager
    def locked(self, resume: bool, overwrite: bool) -> Iterator[dict]:
        """Work in the folder, alone.

        Args:
            resume: Go on with what is there.
            overwrite: Throw it away.

        Yields:
            dict: The state so far; empty at the beginning.

        Raises:
            UserError: There is unfinished work and neither was asked for,
                or another process is at work on it.
        """
        is_new = not self.path.exists()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / 'lock', os.O_CREAT | os.O_RDWR)
        except OSError as error:
            raise UserError(f'{self.path} cannot be made: {error}') from error
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UserError(f'{self.path}: another process is working on '
                                'this output.') from error
            self._state = self._load()
            if self._state and not resume:
                if not overwrite:
                    raise UserError(
                        f'{self.path} holds unfinished work. Add --resume to '
                        'go on with it, or --overwrite to start anew.')
                self._clear()
            try:
                yield self._state
            except BaseException:
                # nothing finished: nothing to keep
                if is_new and not self.segments and self.path.exists():
                    unfinished = list(self.path.rglob('*.unfinished.mp4'))
                    if not unfinished:
                        self.remove()
                raise
        finally:
            os.close(lock)

    def _load(self) -> dict:
        path = self.path / _STATE
        if not path.is_file():
            return {}
        try:
            return dict(json.loads(path.read_text(encoding='utf-8')))
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f'{path} cannot be read ({error}). Start anew '
                            f'after removing {self.path}.') from error

    def _clear(self) -> None:
        for item in self.path.iterdir():
            if item.is_dir():
                shutil.rmtree(item)
            elif item.name != 'lock':
                item.unlink()
        self._state = {}

    def check_settings(self, settings: dict) -> None:
        """Note the settings, or compare with those of the unfinished work.

        Raises:
            UserError: They differ; the result would not be one video.
        """
        known = self._state.get('settings')
        if known is None:
            self._state['settings'] = settings
            return
        differing = sorted(
            name for name in {*known, *settings}
            if known.get(name) != settings.get(name))
        if differing:
            said = ', '.join(f'{name} was {known.get(name)!r} and is '
                             f'{settings.get(name)!r}' for name in differing)
            raise UserError(f'{self.path} was begun with other settings: '
                            f'{said}. Use those, or --overwrite without '
                            '--resume to start anew.')

    def note_tile(self, tile: tuple[int, int] | None) -> None:
        """Note the tile, with which to go on."""
        self._state['tile'] = tile
        write_json(self.path / _STATE, self._state)

    def forget_missing(self, is_there: Callable[[int], bool]) -> None:
        """Do those segments again whose files have gone."""
        known = self._state.get('segments', {})
        for number in [item for item in known if not is_there(int(item))]:
            del known[number]

    def add_segment(self, number: int, segment: Sequence) -> None:
        """Note a segment that is finished."""
        self._state.setdefault('segments', {})[str(number)] = list(segment)
        write_json(self.path / _STATE, self._state)

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
