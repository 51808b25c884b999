"""Thousands of videos: each once, whatever happens in between."""

import csv
import glob
import sys
import time
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mmderain.apis.derain_job import DerainJob
from mmderain.apis.derain_options import DerainOptions, DerainReport
from mmderain.apis.parts_folder import write_json
from mmderain.errors import DataError, UserError
from mmderain.version import __version__

if TYPE_CHECKING:
    from mmderain.apis.inferencer import DerainInferencer


@dataclass(frozen=True)
class Entry:
    """One input of an archive and where its output goes."""

    source: Path
    target: Path

    @property
    def record(self) -> Path:
        """Says, beside the output, that it is complete."""
        return self.target.with_name(f'{self.target.name}.done.json')


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
        UserError: There is nothing to do, an output is missing, or two inputs
            have the same output.
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
            target = output_dir / source.name
            if source.is_file() and target.suffix.lower() == '.avi':
                target = target.with_suffix('.mkv')
        elif output_dir is not None:
            target = output_dir / target
        other = entries.setdefault(target, Entry(source, target))
        if other.source != source:
            raise UserError(f'{source} and {other.source} would both be '
                            f'written to {target}. Name their outputs in a '
                            'CSV.')
    if not entries:
        raise UserError('there are no inputs to work on.')
    number, count = shard
    return [entry for entry in entries.values()
            if zlib.crc32(str(entry.target).encode()) % count == number]


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


def _write_record(inferencer: 'DerainInferencer', entry: Entry,
                  report: DerainReport) -> None:
    write_json(entry.record, dict(
        version=__version__, input=str(entry.source),
        checkpoint=str(inferencer.checkpoint), method=inferencer.method.name,
        **asdict(report)))


def derain_archive(inferencer: 'DerainInferencer', entries: Iterable[Entry],
                   options: DerainOptions, summary: Path | None) -> int:
    """Derain what is not done yet; failures do not stop the rest.

    Args:
        inferencer: Restores the frames.
        entries: What to do.
        options: How; unfinished work is gone on with, unless everything is
            to be overwritten.
        summary: A JSON file to write, after every video anew.

    Returns:
        int: 0, or 1 where something failed.
    """
    began = time.monotonic()
    done, earlier, failures = [], 0, []
    resuming = replace(options, resume=not options.overwrite)

    def write_summary() -> None:
        seconds = time.monotonic() - began
        frames = sum(report.derained for report in done)
        if summary is not None:
            summary.parent.mkdir(parents=True, exist_ok=True)
            write_json(summary, dict(
                done=len(done), done_before=earlier, failed=len(failures),
                frames=frames, hours=seconds / 3600,
                frames_per_second=frames / max(seconds, 1e-9),
                failures=failures, videos=[asdict(item) for item in done]))

    write_summary()
    for entry in entries:
        if entry.record.is_file() and not options.overwrite:
            earlier += 1
            continue
        try:
            entry.target.parent.mkdir(parents=True, exist_ok=True)
            report = DerainJob(
                inferencer, entry.source, entry.target, resuming
            ).run(partial(_write_record, inferencer, entry))
        # whatever one video of thousands brings must not stop the rest
        except (UserError, OSError, RuntimeError, ValueError) as error:
            reason = str(error) if isinstance(error, UserError) else (
                f'{type(error).__name__}: {error}')
            failures.append(dict(input=str(entry.source), reason=reason))
            print(f'failed: {entry.source}: {reason}', file=sys.stderr)
        else:
            done.append(report)
            print(report)
        write_summary()
    print(f'{len(done)} done, {earlier} done before, {len(failures)} failed')
    for failure in failures:
        print(f'  {failure["input"]}: {failure["reason"]}', file=sys.stderr)
    return 1 if failures else 0
