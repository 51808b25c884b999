"""Which videos an archive has, and which of them are this shard's."""

import glob
import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mmderain.errors import DataError, UserError
from mmderain.file_kinds import what_is_there
from mmderain.jobs.anywhere import Anywhere, size_of
from mmderain.jobs.clip_tree import Note, clips_in, holds_frames, is_clip
from mmderain.jobs.list_file import Wanted, read_list
from mmderain.jobs.output_name import check_name
from mmderain.jobs.outputs import check_apart, parts_path
from mmderain.media.images import IMAGE_SUFFIXES
from mmderain.stores import READ_ONLY, StoreUrl

# MP4 by other names; all other videos become Matroska, which holds nearly all
# videos whose outputs have their suffix, and what becomes of some others
_KEPT = ('.mp4', '.mov', '.mkv')
_KIN = {'.m4v': '.mp4', '.3gp': '.mov'}
_PASSING = 'memory'  # a store of programs that try things
QUESTIONS = 16  # to a store, at once


@dataclass(frozen=True)
class Entry:
    """One input of an archive and where its output goes."""

    source: Anywhere
    target: Anywhere

    @property
    def is_stored(self) -> bool:
        """Whether one of them is in a store."""
        return isinstance(self.source, StoreUrl) or isinstance(
            self.target, StoreUrl)


def find_entries(paths: Sequence[Anywhere], list_file: Path | None,
                 output_dir: Anywhere | None, shard: tuple[int, int],
                 note: Note = print) -> list[Entry]:
    """Inputs and outputs of a shard.

    Which shard an input belongs to depends on its output's place alone, within
    ``output_dir`` where there is one: shards never share one, also when the
    list grows, and leave out none where machines name the folder otherwise.

    Args:
        paths: Inputs; patterns with ``*`` are resolved. Of a folder without
            images all videos and folders of images are inputs; their outputs
            lie to each other as they do. What a pattern finds within
            ``output_dir`` is no input, but an output of an earlier run.
        list_file: More inputs, one a line, or ``input,output`` in a CSV.
        output_dir: Folder of the outputs that are not named.
        shard: Number of the shard, and of all shards.
        note: Told what is passed over.

    Raises:
        UserError: There is nothing to do, an output is missing or outside the
            folder, two inputs have the same output, or one would destroy
            another.
    """
    if isinstance(output_dir, Path) and os.path.lexists(output_dir) and (
            not output_dir.is_dir()):
        there = what_is_there(output_dir) or 'a link that leads nowhere'
        raise UserError(
            f'--output-dir {output_dir}: expected a folder, or nothing yet, '
            f'but it is {there}. Choose another one.')
    is_output = partial(_is_within, output_dir)
    wanted = [item for path in paths
              for item in _resolved(path, note, is_output)]
    if list_file is not None:
        wanted += read_list(list_file)
    entries: dict[Path, Entry] = {}
    # also folders whose videos are the inputs
    kept = [item.source for item in wanted if item.source.is_dir()]
    for item in (inner for outer in wanted
                 for inner in _expanded(outer, note)):
        target = _target(item, output_dir)
        other = entries.setdefault(target, Entry(item.source, target))
        if other.source != item.source:
            raise UserError(f'{item.source} and {other.source} would both be '
                            f'written to {target}. Name their outputs in a '
                            'CSV.')
    if any(isinstance(target, StoreUrl) and target.scheme == _PASSING
           for target in entries):
        note(f'{_PASSING}:// is the memory of this process: what is written '
             'there is gone when it ends')
    if not entries:
        raise UserError('there are no inputs to work on. Name videos, '
                        'folders or images.')
    kept += [list_file] if list_file else []
    # of all shards: one must not destroy what another reads
    check_apart([([entry.source], [entry.target, parts_path(entry.target)])
                 for entry in entries.values()] + [(kept, [])])
    number, count = shard
    mine = [entry for entry in entries.values()
            if _number_of(_place_in(output_dir, entry.target)) % count
            == number]
    if not mine:
        note(f'--shard {number}/{count}: none of the {len(entries)} inputs '
             'is in this part: the names of outputs decide, so that parts '
             'are about equal where there are many')
    return mine


def longest_first(entries: Sequence[Entry]) -> dict[Entry, int]:
    """In the order in which several workers end nearly together.

    How long it takes is not known, and files that are larger take longer.

    Returns:
        dict: Entry -> bytes of its input.
    """
    # stores let each question wait
    with ThreadPoolExecutor(QUESTIONS) as pool:
        sizes = pool.map(size_of, [entry.source for entry in entries])
        known = zip(entries, sizes, strict=True)
        return dict(sorted(known, key=lambda item: -item[1]))


def _place_in(folder: Anywhere | None, target: Anywhere) -> str:
    """What is the same of an output, however its folder is spelled."""
    return str(target.relative_to(folder) if isinstance(folder, Path)
               else target)


def _number_of(place: str) -> int:
    """The same for a place wherever and whenever it is asked for."""
    # neighbouring names have checksums that are neighbours, too
    digest = hashlib.sha256(os.fsencode(place)).digest()
    return int.from_bytes(digest[:8], 'big')


def _target(item: Wanted, output_dir: Anywhere | None) -> Anywhere:
    if isinstance(item.target, StoreUrl) and item.target.scheme in READ_ONLY:
        raise UserError(f'{item.place}: expected an output that can be '
                        f'written, got {item.target}, but '
                        f'{item.target.scheme}:// can only be read. Name '
                        'another one.')
    if item.target is None:
        if output_dir is None:
            raise UserError(f'{item.place}: no output was named for it. Add '
                            '--output-dir, or a second column.')
        return output_dir / output_name(item.source)
    if isinstance(item.target, Path):
        try:
            check_name(item.target)
        except UserError as error:
            raise UserError(f'{item.place}: {error}') from error
    if output_dir is None:
        return item.target
    if isinstance(item.target, StoreUrl) or (
            '..' in item.target.parts or item.target.is_absolute()):
        raise UserError(
            f'{item.place}: expected an output within --output-dir '
            f'{output_dir}, got {item.target}. Name it without .. and without '
            '/ in front, or leave --output-dir out.')
    return output_dir / item.target


def output_name(source: Anywhere) -> str:
    """The input's own name; of a video that we do not write, its kin's."""
    suffix = source.suffix.lower()
    if (source.is_dir() or suffix in IMAGE_SUFFIXES
            or suffix in _KEPT or not suffix):
        return source.name
    return f'{source.stem}{_KIN.get(suffix, ".mkv")}'


def _is_within(folder: Anywhere | None, path: Path) -> bool:
    """Whether a path is in a folder, or is the folder."""
    if not isinstance(folder, Path):
        return False
    path = path.resolve()
    return folder.resolve() in (path, *path.parents)


def _resolved(path: Anywhere, note: Note,
              is_output: Callable[[Path], bool]) -> list[Wanted]:
    if isinstance(path, StoreUrl) or (
            path.exists() or not glob.has_magic(str(path))):
        return [Wanted(path, None, str(path))]
    found = sorted(map(Path, glob.glob(str(path), recursive=True)))
    if not found:
        raise DataError(f'{path}: nothing matches this pattern. Fix it.')
    return [Wanted(item, None, str(item)) for item in found
            if not is_output(item) and is_clip(item, note)]


def _expanded(item: Wanted, note: Note) -> list[Wanted]:
    """What is in a folder of videos, or the item itself."""
    if not item.source.is_dir() or holds_frames(item.source):
        return [item]
    clips = clips_in(item.source, note)
    if not clips:
        return [item]  # what is wrong with it is said with the others
    if item.target is not None:
        raise UserError(f'{item.place}: expected one video, a folder of '
                        f'frames or an image, but {item.source} is a folder '
                        'of videos. Leave its output out.')
    return [Wanted(clip, clip.relative_to(item.source).with_name(
        output_name(clip)), str(clip)) for clip in clips]
