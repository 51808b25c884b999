"""Which videos an archive has, and which of them are this shard's."""

import csv
import glob
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmderain.errors import DataError, UserError
from mmderain.jobs.outputs import OUTPUT_SUFFIXES, check_apart, parts_path
from mmderain.media.images import IMAGE_SUFFIXES

# MP4 by other names; all other videos become Matroska, which holds nearly all
_KIN = {'.m4v': '.mp4', '.3gp': '.mov'}


@dataclass(frozen=True)
class Entry:
    """One input of an archive and where its output goes."""

    source: Path
    target: Path


def find_entries(paths: Sequence[Path], list_file: Path | None,
                 output_dir: Path | None, shard: tuple[int, int]
                 ) -> list[Entry]:
    """Inputs and outputs of a shard.

    Which shard an input belongs to depends on its output's path alone, so
    that shards never share one, also when the list grows.

    Args:
        paths: Inputs; patterns with ``*`` are resolved.
        list_file: More inputs, one a line, or ``input,output`` in a CSV.
        output_dir: Folder of the outputs that are not named.
        shard: Number of the shard, and of all shards.

    Raises:
        UserError: There is nothing to do, an output is missing, two inputs
            have the same output, or one would destroy another.
    """
    pairs = [(path, None) for item in paths for path in _resolved(item)]
    if list_file is not None:
        pairs += _listed_pairs(list_file)
    entries: dict[Path, Entry] = {}
    for source, target in pairs:
        if target is None:
            if output_dir is None:
                raise UserError(f'{source}: no output was named for it. Add '
                                '--output-dir, or a second column.')
            target = output_dir / _output_name(source)
        elif output_dir is not None:
            target = output_dir / target
        other = entries.setdefault(target, Entry(source, target))
        if other.source != source:
            raise UserError(f'{source} and {other.source} would both be '
                            f'written to {target}. Name their outputs in a '
                            'CSV.')
    if not entries:
        raise UserError('there are no inputs to work on.')
    # of all shards: one must not destroy what another reads
    check_apart([([entry.source], [entry.target, parts_path(entry.target)])
                 for entry in entries.values()]
                + [([list_file] if list_file else [], [])])
    number, count = shard
    return [entry for entry in entries.values()
            if zlib.crc32(os.fsencode(entry.target)) % count == number]


def _output_name(source: Path) -> str:
    """The input's own name; of a video that we do not write, its kin's."""
    suffix = source.suffix.lower()
    if (source.is_dir() or suffix in IMAGE_SUFFIXES
            or suffix in OUTPUT_SUFFIXES or not suffix):
        return source.name
    return f'{source.stem}{_KIN.get(suffix, ".mkv")}'


def _resolved(path: Path) -> list[Path]:
    if path.exists() or not glob.has_magic(str(path)):
        return [path]
    found = sorted(map(Path, glob.glob(str(path), recursive=True)))
    if not found:
        raise DataError(f'{path}: nothing matches this pattern.')
    return found


def _listed_pairs(path: Path) -> list[tuple[Path, Path | None]]:
    try:
        text = path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f'{path}: expected a list of inputs as text, got '
                        f'"{error}".') from error
    lines = [line for line in text.splitlines()
             if line.strip() and not line.startswith('#')]
    if path.suffix.lower() != '.csv':
        return [(Path(line.strip()), None) for line in lines]
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    if rows and rows[0][:1] == ['input']:
        rows = rows[1:]
    wrong = [row for row in rows if len(row) > 2]
    if wrong:
        raise DataError(f'{path}: expected input,output in every line, got '
                        f'{wrong[0]}.')
    return [(Path(row[0]), Path(row[1]) if len(row) == 2 and row[1] else None)
            for row in rows]
