"""Folders of training clips: arrays on disk that are filled bit by bit.

Each array, a file such as ``clips.npy``, has something of every clip.
``clips.jsonl`` has a line for each clip that is done, and ``meta.json`` all
that decides the clips.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from mmderain.datasets.aligned_clips import alignment_files, forget_alignment
from mmderain.datasets.clip_arrays import (
    check_space,
    reserve_arrays,
    write_row,
)
from mmderain.errors import DataError
from mmderain.files import left_of, parse_json, write_json, write_whole
from mmderain.media.images import write_rgb
from mmderain.unwritten import cannot_write

_FACTS, _META = 'clips.jsonl', 'meta.json'
# there while arrays are reserved: what a kill leaves then is ours
_RESERVING = '.reserving'
_NAMED, _LONG = 3, 60  # differences that are told, letters of a value
_NONE = object()  # in the place of a setting that is not there
SHEET = 'sheet.png'  # what the clips look like


class ClipStore:
    """One folder of clips.

    Args:
        folder: Where it is, or is to be.
        shapes: Of the arrays, by the names of their files. Of uint8; the
            first side of all is the number of clips.
    """

    def __init__(self, folder: Path,
                 shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.folder = Path(folder)
        self._shapes = dict(shapes)

    def prepare(self, meta: dict, overwrite: bool = False) -> None:
        """Make the folder, or continue what a stopped run has left there.

        Args:
            meta: All that decides the clips, fit for JSON; what is there must
                have been made by the same.
            overwrite: Throw away what is there, with its alignment.

        Raises:
            UserError: There are other clips, or the disk is too small or
                cannot be written.
        """
        meta = json.loads(json.dumps(meta))
        try:
            if overwrite and self._is_ours():
                self._check_only_ours()
                forget_alignment(self.folder)
                # the record last: by it the rest is known as clips
                for path in (*self._left(), *self._files()):
                    path.unlink(missing_ok=True)
            if (self.folder / _META).exists():
                self._check_same(meta)
                (self.folder / _RESERVING).unlink(missing_ok=True)
                return
            self._check_empty()
            for path in self._left():
                path.unlink(missing_ok=True)
            check_space(self.folder, self._shapes)
            (self.folder / _RESERVING).touch()
            reserve_arrays(self.folder, self._shapes)
            # With it a folder is ready to be filled.
            write_json(self.folder / _META, meta)
            (self.folder / _RESERVING).unlink()
        except OSError as error:
            raise cannot_write(self.folder, error) from error

    def _check_empty(self) -> None:
        """Nothing is there but what a run left that was stopped just here."""
        if not self.folder.exists():
            return
        left = {*self._left()}
        if (self.folder / _RESERVING).exists():
            left |= {self.folder / name
                     for name in (_RESERVING, *self._shapes)}
        if {*self.folder.iterdir()} - left:
            raise DataError(
                f'{self.folder}: expected an empty folder or one of clips, but'
                ' other files are there. Choose another output.')

    def _check_only_ours(self) -> None:
        """Refuse to replace clips beside which others have put something.

        Clips of another kind have arrays of other names.
        """
        ours = {*self._files(), *self._left(), *alignment_files(self.folder)}
        others = sorted(path.name for path in {*self.folder.iterdir()} - ours)
        if others:
            raise DataError(
                f'{self.folder} holds other files beside its clips, such as '
                f'{others[0]}. Nothing was replaced: move them away, or '
                'choose another output.')

    def _files(self) -> list[Path]:
        """What clips consist of, whether it is there or not."""
        return [self.folder / name for name in (
            _RESERVING, _FACTS, *self._shapes, SHEET, _META)]

    def _left(self) -> list[Path]:
        """What killed runs have left of files, not yet whole."""
        return [left for path in (*self._files(), *alignment_files(
            self.folder)) for left in left_of(path)]

    def _is_ours(self) -> bool:
        """Whether the record is one of clips that were rendered here."""
        try:
            return {'settings', 'opencv'} <= parse_json(
                (self.folder / _META).read_text(encoding='utf-8')).keys()
        except (OSError, ValueError, AttributeError):
            return False

    def _check_same(self, meta: dict) -> None:
        path = self.folder / _META
        try:
            there = parse_json(path.read_text(encoding='utf-8'))
        except ValueError:
            there = None
        if not isinstance(there, dict):
            raise DataError(
                f'{path}: expected the record of an earlier run as JSON, but '
                'it is damaged or is something else. Move '
                f'{self.folder} away, or choose another output.')
        others = [f'{name} is {_said(old)} there and {_said(new)} here'
                  for name, old, new in _differences('', there, meta)
                  if name.partition('.')[0] != 'summary']
        if others:
            more = f' and {len(others) - _NAMED} more' if (
                len(others) > _NAMED) else ''
            raise DataError(
                f'{self.folder} holds clips made in another way: '
                f'{"; ".join(others[:_NAMED])}{more} ({path}). Render with '
                'what is there, add --overwrite to replace them, or choose '
                'another output.')

    def write(self, index: int, contents: Iterable[np.ndarray]) -> None:
        """Put a clip into the arrays.

        Args:
            index: Of the clip.
            contents: What goes into each array, in their order.

        Raises:
            DataError: An array is missing, or of another shape.
            OSError: It cannot be written.
        """
        for name, content in zip(self._shapes, contents, strict=True):
            write_row(self.folder / name, index, content)

    def arrays(self) -> list[np.ndarray]:
        """The arrays in their order, mapped from disk, to be read.

        Raises:
            DataError: A file is missing, or of another shape.
        """
        arrays = []
        for name, shape in self._shapes.items():
            path = self.folder / name
            try:
                array = np.load(path, mmap_mode='r', allow_pickle=False)
            except (OSError, ValueError) as error:
                raise DataError(f'{path}: expected clips, got "{error}". '
                                'Add --overwrite.') from error
            if array.shape != shape or array.dtype != np.uint8:
                raise DataError(
                    f'{path}: expected uint8 of shape {shape}, got '
                    f'{array.dtype} of shape {array.shape}. Add --overwrite.')
            arrays.append(array)
        return arrays

    def facts(self) -> dict[int, dict]:
        """What is known about the clips that are done, by their index."""
        path = self.folder / _FACTS
        done = {}
        if path.exists():
            for line in path.read_text(encoding='utf-8').splitlines():
                try:
                    facts = parse_json(line)
                    done[int(facts['index'])] = facts
                except (ValueError, KeyError, TypeError):
                    continue  # cut off by a kill; the clip is made again
        return done

    def add_facts(self, facts: Iterable[dict]) -> None:
        """Note clips as done, whose frames are on disk.

        Raises:
            UserError: The disk is full.
        """
        path = self.folder / _FACTS
        try:
            with open(path, 'a+b') as file:
                # A line that a kill cut off must not spoil the next.
                if file.tell():
                    file.seek(-1, os.SEEK_END)
                    if file.read(1) != b'\n':
                        file.write(b'\n')
                file.write(''.join(json.dumps(item) + '\n'
                                   for item in facts).encode())
        except OSError as error:
            raise cannot_write(path, error) from error

    def finish(self, summary: dict) -> None:
        """Put the facts in order, and a summary into ``meta.json``.

        Raises:
            UserError: The disk is full.
        """
        done = self.facts()
        path = self.folder / _META
        write_whole(self.folder / _FACTS, ''.join(
            json.dumps(done[index]) + '\n' for index in sorted(done)))
        meta = parse_json(path.read_text(encoding='utf-8'))
        write_json(path, dict(meta, summary=summary))


def _differences(name: str, there: object, here: object
                 ) -> Iterator[tuple[str, object, object]]:
    """Settings, by their names, and their two values where they differ."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in dict.fromkeys([*here, *there]):
            yield from _differences(
                f'{name}.{key}' if name else key,
                there.get(key, _NONE), here.get(key, _NONE))
    elif there != here:
        yield name, there, here


def _said(value: object) -> str:
    if value is _NONE:
        return 'not set'
    if isinstance(value, dict):
        return f'{len(value)} settings'
    text = json.dumps(value)
    return text if len(text) < _LONG else f'{text[:_LONG]}...'


def write_sheet(path: Path, images: np.ndarray, columns: int = 6) -> None:
    """Make one picture of many.

    Args:
        path: Of the picture.
        images: (n, h, w, 3) uint8 RGB.
        columns: Images in a row.

    Raises:
        UserError: It cannot be written.
    """
    count, height, width = images.shape[:3]
    sheet = np.zeros((-(-count // columns) * height, columns * width, 3),
                     np.uint8)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        sheet[row * height:(row + 1) * height,
              column * width:(column + 1) * width] = image
    write_rgb(path, sheet)
