"""Records of an archive: which outputs are complete, and still what they were.

A record, ``OUTPUT.done.json``, counts as long as the settings, the input and
the output are those it was written for.
"""

import json
import os
from dataclasses import asdict
from enum import Enum
from itertools import count
from pathlib import Path
from typing import NamedTuple

from mmderain.files import write_json
from mmderain.jobs.options import DerainReport
from mmderain.jobs.settings import describe_change, known_by
from mmderain.media.frame_folder import output_fingerprint
from mmderain.media.frame_source import count_frames
from mmderain.version import __version__


class Standing(Enum):
    """What a record is worth."""

    DONE = 'settings, input and output are as they were'
    TRUSTED = 'it is of mmderain 0.1, and the output has its frames'
    OPEN = 'there is no record, or no output to go with it'
    REFUSED = 'it does not hold, and there is an output'


class Verdict(NamedTuple):
    """What a record is worth, and what has to be said of it."""

    standing: Standing
    reason: str = ''


def record_path(target: Path) -> Path:
    """Where the record of an output is."""
    return target.with_name(f'{target.name}.done.json')


def write_record(source: Path, input_known_by: dict, target: Path,
                 settings: dict, report: DerainReport) -> None:
    """Record an output that is complete.

    Args:
        source: The input.
        input_known_by: What it was when the work began, of ``known_by``.
        target: The output.
        settings: As ``output_settings`` has them.
        report: Of the job.

    Raises:
        UserError: The record cannot be written.
    """
    path = record_path(target)
    if os.path.lexists(path) and read_record(path) is None:
        path.rename(_aside(path))
    write_json(path, dict(
        version=__version__, input=str(source), method=settings['method'],
        settings=settings, input_known_by=input_known_by,
        output_known_by=output_fingerprint(target), **asdict(report)))


def judge(source: Path, target: Path, settings: dict) -> Verdict:
    """Find out whether an output has to be made.

    Args:
        source: The input.
        target: The output.
        settings: That are asked for now.
    """
    path = record_path(target)
    if not os.path.lexists(path):
        return Verdict(Standing.OPEN)
    record = read_record(path)
    if not target.exists():
        return Verdict(Standing.OPEN, '' if record is not None else (
            f'{path} is no record of mmderain: it will be kept as '
            f'{_aside(path).name}'))
    if record is None:
        return _refused(
            target, f'{path.name} beside it is no record of mmderain')
    if 'settings' not in record:
        return _judge_of_0_1(target, record)
    problem = (_difference('settings', record['settings'], settings)
               or _difference('input', record.get('input_known_by'),
                              known_by(source) if source.exists() else None)
               or _difference('output', record.get('output_known_by'),
                              output_fingerprint(target)))
    return _refused(target, problem) if problem else Verdict(Standing.DONE)


def read_record(path: Path) -> dict | None:
    """A record; None where there is none, or something else."""
    try:
        record = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return None
    is_record = isinstance(record, dict) and {'input', 'frames'} <= {*record}
    return record if is_record else None


def _aside(path: Path) -> Path:
    """A free name for what is in a record's place and is none."""
    names = (path.with_name(f'{path.name}.kept{number}')
             for number in count(1))
    return next(name for name in names if not os.path.lexists(name))


def _judge_of_0_1(target: Path, record: dict) -> Verdict:
    frames = count_frames(target)
    if frames is not None and frames == record.get('frames'):
        return Verdict(Standing.TRUSTED)
    return _refused(target, f'it has {frames} frames, its record says '
                    f'{record.get("frames")!r}')


def _difference(what: str, was: object, now: object) -> str | None:
    """What is not as it was; None if nothing is."""
    if was == now:
        return None
    if not (isinstance(was, dict) and isinstance(now, dict)):
        other = 'other settings' if what == 'settings' else f'another {what}'
        return f'its record is of {other}'
    names = sorted(name for name in {*was, *now}
                   if was.get(name) != now.get(name))
    if what != 'settings':
        return f'the {what} has changed since ({", ".join(names)})'
    return ('it was made with other settings: '
            + describe_change(was, now, names))


def _refused(target: Path, reason: str) -> Verdict:
    return Verdict(Standing.REFUSED, (
        f'{target} is there already, but {reason}. Add --overwrite to do it '
        'again, or choose another output.'))
