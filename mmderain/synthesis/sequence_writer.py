"""Writes rainy sequences in the layout of a known set."""

import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from mmderain.errors import DataError
from mmderain.files import parse_json, write_json
from mmderain.media.images import write_rgb
from mmderain.synthesis.layouts import VRDS, SequenceLayout
from mmderain.synthesis.renderer import RainyFrame
from mmderain.synthesis.unfinished import unfinished
from mmderain.unwritten import cannot_write

_RECORD = 'rain.json'


class SequenceWriter:
    """Writes sequences as ``<folder>/<sequence>/<number>.png``.

    A sequence appears when all its frames are written; until then they are in
    ``.unfinished``, which a later run clears.

    Args:
        root: The set's folder; it is made where it is missing.
        layout: The folders, and how the frames are numbered.
        split: 'train' or 'test', which chooses the folders.
        overwrite: Replace sequences that are there.
    """

    def __init__(self, root: Path, layout: SequenceLayout = VRDS,
                 split: str = 'train', overwrite: bool = False) -> None:
        self.root = Path(root)
        self.layout = layout
        self.split = split
        self.folders = layout.folders(split)
        self.overwrite = overwrite

    def check(self, names: Iterable[str]) -> None:
        """Look whether the sequences can be written, before any work.

        Raises:
            UserError: A sequence is there and is not to be overwritten or is
                not ours, the set has another layout, its record is damaged,
                or the folder cannot be written.
        """
        there = [(name, path) for name in names
                 for folder in self.folders.values()
                 if (path := self.root / folder / name).exists()]
        self._check_ours(there)
        if there and not self.overwrite:
            raise DataError(
                f'{there[0][1]}: expected no sequence of that name, but there '
                'is one. Add --overwrite to replace it, or choose another '
                'output.')
        self._check_layout()
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(self.root, error) from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise cannot_write(self.root, PermissionError(
                errno.EACCES, os.strerror(errno.EACCES)))

    def _check_ours(self, there: Iterable[tuple[str, Path]]) -> None:
        """Refuse folders of sequences with files that are not ours."""
        for name, path in there:
            frames = self._made(name)
            inside = path.iterdir() if path.is_dir() else [path]
            others = sorted({item.name for item in inside} - {
                self.layout.frame_name(index) for index in range(frames)})
            if others:
                raise DataError(
                    f'{path}: expected no sequence of that name, but there is '
                    'one with files that mmderain did not render: '
                    f'{", ".join(others[:3])}. Choose another output.')

    def _check_layout(self) -> None:
        # One record tells of all sequences; two layouts would share it.
        for sequences in self._read_record().values():
            for name, settings in sequences.items():
                layout = settings.get('layout', VRDS.name)
                if layout != self.layout.name:
                    raise DataError(
                        f'{self.root / _RECORD}: expected sequences in the '
                        f'layout {self.layout.name}, got {name!r} in the '
                        f'layout {layout}. Choose another output.')

    def write(self, name: str, frames: Iterable[RainyFrame],
              settings: dict) -> int:
        """Write one sequence, and its settings into ``rain.json``.

        Args:
            name: Of the sequence.
            frames: Taken one at a time.
            settings: What made the sequence, fit for JSON.

        Returns:
            The number of frames.

        Raises:
            UserError: The folder cannot be written, or what the frames'
                source raises; nothing of the sequence is left then.
        """
        count = 0
        with unfinished(self.root, self.split, name) as place:
            for folder in self.folders.values():
                (place / folder).mkdir(parents=True)
            for count, frame in enumerate(frames, 1):
                number = self.layout.frame_name(count - 1)
                for part, folder in self.folders.items():
                    write_rgb(place / folder / number, getattr(frame, part))
            settings = dict(settings, layout=self.layout.name)
            # first of all: after a kill all that is there is known as ours
            self._record(name, dict(settings, is_whole=False, frames=max(
                count, self._made(name))))
            for folder in self.folders.values():
                target = self.root / folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                if target.exists():
                    shutil.rmtree(target)
                (place / folder).rename(target)
            self._record(name, dict(settings, frames=count))
        return count

    def _made(self, name: str) -> int:
        """Of how many frames a sequence is, that we rendered."""
        made = self._read_record().get(self.split, {})
        return made.get(name, {}).get('frames', 0)

    def _read_record(self) -> dict:
        path = self.root / _RECORD
        if not path.exists():
            return {}
        try:
            record = parse_json(path.read_text(encoding='utf-8'))
        except (OSError, ValueError):
            record = None
        if not (isinstance(record, dict) and all(
                isinstance(sequences, dict)
                and all(isinstance(settings, dict)
                        for settings in sequences.values())
                for sequences in record.values())):
            raise DataError(f'{path}: expected the record of an earlier run '
                            'as JSON, but it is damaged. Remove it.')
        return record

    def _record(self, name: str, settings: dict) -> None:
        record = self._read_record()
        record.setdefault(self.split, {})[name] = settings
        write_json(self.root / _RECORD, record)
