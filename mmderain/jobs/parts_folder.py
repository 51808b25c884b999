"""Unfinished work beside an output: ``OUTPUT.parts``."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mmderain.errors import UserError
from mmderain.files import write_json
from mmderain.folder_lock import try_lock
from mmderain.jobs.outputs import STATE_NAME, parts_path
from mmderain.jobs.parts_state import load_state
from mmderain.jobs.segments import MadeSegment
from mmderain.jobs.settings import PERMISSIONS, describe_change, differing
from mmderain.media.copied_streams import TRIAL
from mmderain.media.frame_sink import UNFINISHED, remove_segments
from mmderain.restorer import Tile
from mmderain.unwritten import cannot_write
from mmderain.version import __version__

_LOCK = 'lock'
_DTYPES_OF_0_1 = {'None': 'float32', 'torch.bfloat16': 'bfloat16',
                  'torch.float16': 'float16'}


class PartsFolder:
    """Keeps what is finished of an output, and by which settings.

    The state is a dict: ``mmderain``, the version that began it (absent in
    the work of 0.1); ``settings``; ``tile``; ``segments``, what is known of
    each; ``files``, digests of each segment's files by the names of the
    tracks; ``placed``, fingerprints of outputs that are in their place.

    Args:
        target: The output.
    """

    def __init__(self, target: Path) -> None:
        self.path = parts_path(target)
        self._state: dict = {}

    @property
    def segments(self) -> dict[int, list]:
        """Number of each finished segment -> what is known of it."""
        known = self._state.setdefault('segments', {})
        return {int(number): known[number]
                for number in sorted(known, key=int)}

    @property
    def is_of_0_1(self) -> bool:
        """Whether mmderain 0.1 began it, which noted no fingerprints."""
        return 'mmderain' not in self._state

    @property
    def placed(self) -> dict[str, dict]:
        """Track -> fingerprint of the output that was put in its place."""
        return self._state.setdefault('placed', {})

    @property
    def known_way(self) -> dict[str, Any]:
        """What computed unfinished work, and in which precision."""
        known = self._state.get('settings', {})
        if self.is_of_0_1:
            return dict(backend='torch',
                        dtype=_DTYPES_OF_0_1.get(known.get('dtype')))
        dtype = known.get('dtype')
        # there was no other, of each of two networks
        backend = ', '.join(['torch'] * len(str(dtype).split(', ')))
        return dict(backend=known.get('backend', backend), dtype=dtype)

    @contextmanager
    def locked(self, resume: bool, overwrite: bool) -> Iterator[dict]:
        """Work in the folder, alone.

        Args:
            resume: Continue what is there.
            overwrite: Throw it away.

        Yields:
            dict: The state so far.

        Raises:
            UserError: There is unfinished work and neither was asked for, the
                folder is not ours, or another process works on it.
        """
        self._check_ours()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / _LOCK, os.O_CREAT | os.O_RDWR)
        except OSError as error:
            raise cannot_write(self.path, error) from error
        try:
            self._lock(lock)
            if not self._read_state(resume, overwrite):
                if self._state.get('settings'):
                    self._clear()
                self._state = dict(mmderain=__version__)
            # also where a kill has left an empty folder
            is_new = not self._state.get('settings')
            try:
                yield self._state
            except BaseException:
                if is_new and self._is_worthless():
                    self.remove()
                raise
        finally:
            os.close(lock)

    def look(self, resume: bool, overwrite: bool) -> None:
        """Find what :meth:`locked` would find, and write nothing.

        Raises:
            UserError: As of :meth:`locked`.
        """
        self._check_ours()
        there = next(path for path in (self.path, *self.path.absolute(
            ).parents) if path.exists())
        problem = (errno.ENOTDIR if not there.is_dir() else
                   0 if os.access(there, os.W_OK) else errno.EACCES)
        if problem:
            raise cannot_write(self.path,
                               OSError(problem, os.strerror(problem)))
        if (self.path / _LOCK).exists():
            lock = os.open(self.path / _LOCK, os.O_RDONLY)
            try:
                self._lock(lock)
            finally:
                os.close(lock)
        if not self._read_state(resume, overwrite):
            self._state = {}

    def _lock(self, lock: int) -> None:
        if not try_lock(lock):
            raise UserError(f'{self.path}: another process is working on '
                            'this output.')

    def _check_ours(self) -> None:
        """Refuse a folder of that name that is somebody else's."""
        if not os.path.lexists(self.path):
            return
        if self.path.is_dir() and not self.path.is_symlink():
            names = {path.name for path in self.path.iterdir()}
            if STATE_NAME in names:
                load_state(self.path)  # refuses what is not ours
                return
            # a run that was killed at once leaves no state
            if all(map(_is_own_file, names)):
                return
        raise UserError(
            f'{self.path} is in the way: unfinished work is kept under this '
            'name, but mmderain did not make what is there. Rename it, or '
            'choose another output.')

    def _read_state(self, resume: bool, overwrite: bool) -> bool:
        """Read the state; whether it is continued."""
        self._state = load_state(self.path)
        if not self.segments:
            self._state.pop('tile', None)  # nothing was made with it
        if not self._state.get('settings'):
            return False
        if not (resume or overwrite):
            raise UserError(
                f'{self.path} holds unfinished work. Add --resume to '
                'continue it, or --overwrite to start anew.')
        return resume

    def _is_worthless(self) -> bool:
        """Whether nothing was finished, and nothing begun can be played."""
        return not self.segments and not any(
            self.path.rglob(f'*{UNFINISHED}*'))

    def _clear(self) -> None:
        # 0.1 kept images in no order of their own
        remove = (shutil.rmtree if self._state and self.is_of_0_1
                  else remove_segments)
        for item in self.path.iterdir():
            if item.is_dir():
                remove(item)
        self._state = {}

    def check_settings(self, settings: Mapping) -> None:
        """Note the settings, or compare with those of the unfinished work.

        Raises:
            UserError: They differ; the result would not be one video.
        """
        if self._state.get('settings') is None:
            self._state['settings'] = dict(settings)
            # a kill may come before there is a segment
            self._save()
        else:
            self.compare_settings(settings)
            self._state['settings'].update(
                (name, settings[name]) for name in PERMISSIONS)

    def compare_settings(self, settings: Mapping) -> None:
        """Compare the settings with those of unfinished work, if any.

        Raises:
            UserError: They differ.
        """
        known = self._state.get('settings')
        if known is None:
            return
        names = {*known, *(() if self.is_of_0_1 else settings)}
        known = dict(known, **self.known_way)
        changed = differing(known, settings, names)
        if changed:
            raise UserError(f'{self.path} was begun with other settings: '
                            f'{describe_change(known, settings, changed)}. '
                            'Use those, or move it away to start anew.')

    @property
    def has_tile(self) -> bool:
        """Whether anything has been made in tiles of a size, or whole."""
        return 'tile' in self._state

    @property
    def known_tile(self) -> Tile:
        """The tile of unfinished work."""
        tile = self._state.get('tile')
        return tile and tuple(tile)

    def note_tile(self, tile: Tile) -> None:
        """Note the tile, which must stay the same."""
        self._state['tile'] = tile
        self._save()

    def keep_whole(self, is_whole: Callable[[int, list, dict], bool]
                   ) -> list[int]:
        """Forget segments whose files are not what was written; which ones.

        Args:
            is_whole: From a segment's number, what is known of it, and the
                digests of its files, which are empty in the work of 0.1.
        """
        files = self._state.setdefault('files', {})
        lost = [number for number, known in self.segments.items()
                if not is_whole(number, known, files.get(str(number), {}))]
        for number in lost:
            del self._state['segments'][str(number)]
        return lost

    def add_segment(self, number: int, made: MadeSegment) -> None:
        """Note a segment that is finished."""
        for name, known in zip(('segments', 'files'), made, strict=True):
            self._state.setdefault(name, {})[str(number)] = known
        self._save()

    def note_placed(self, track: str, known: Mapping) -> None:
        """Note an output that will be put in its place now."""
        self.placed[track] = dict(known)
        self._save()

    def _save(self) -> None:
        write_json(self.path / STATE_NAME, self._state)

    def remove(self) -> None:
        """Remove what we made, and the folder if nothing else is in it."""
        self._clear()
        # the state last: by it a run after a kill knows that all is done
        for item in sorted(self.path.iterdir(),
                           key=lambda item: item.name == STATE_NAME):
            if _is_own_file(item.name):
                item.unlink()
        if not any(self.path.iterdir()):
            self.path.rmdir()

    def remove_finished(self, track: str, known: Mapping | None) -> None:
        """Remove what a kill has left after all was in its place.

        Args:
            track: That is put in its place last.
            known: Fingerprint of the output that stands there.
        """
        if not self.path.is_dir():
            return
        # what is another's, or being worked on, is none of our business
        with suppress(UserError), self.locked(resume=True, overwrite=False):
            if self.placed.get(track) == known or self._is_worthless():
                self.remove()


def _is_own_file(name: str) -> bool:
    # the others are of a kill: a state half written, a container being tried
    return (name in (STATE_NAME, _LOCK) or name.startswith(f'.{STATE_NAME}.')
            or name.startswith(f'{TRIAL}.'))
