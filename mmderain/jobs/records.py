"""Records of an archive: which outputs are complete, and still what they were.

A record, ``OUTPUT.done.json``, counts as long as the settings, the input and
the output are those it was written for.
"""

from dataclasses import asdict, fields
from enum import Enum
from itertools import count
from typing import NamedTuple

from mmderain.jobs.anywhere import (
    Anywhere,
    input_known_by,
    is_there,
    output_known_by,
    read_json,
    rename,
    write_json,
)
from mmderain.jobs.options import DerainReport
from mmderain.jobs.settings import describe_change, differing
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


def record_path(target: Anywhere) -> Anywhere:
    """Where the record of an output is."""
    return target.with_name(f'{target.name}.done.json')


def record_of(source: Anywhere, input_known_by: dict,
              output_known_by: dict | None, settings: dict,
              report: DerainReport) -> dict:
    """What a record of an output holds.

    Args:
        source: The input.
        input_known_by: What it was when the work began, of ``known_by``.
        output_known_by: By what the output is known again.
        settings: As ``output_settings`` has them.
        report: Of the job.
    """
    return dict(
        version=__version__, input=str(source), method=settings['method'],
        settings=settings, input_known_by=input_known_by,
        output_known_by=output_known_by, **asdict(report))


def write_record(target: Anywhere, record: dict) -> None:
    """Record an output that is complete.

    Args:
        target: The output.
        record: As of :func:`record_of`.

    Raises:
        UserError: The record cannot be written.
    """
    path = record_path(target)
    if is_there(path) and read_record(path) is None:
        rename(path, _aside(path))
    write_json(path, record)


def report_in(record: dict) -> DerainReport:
    """What a record says of the work."""
    # those of earlier versions tell less
    known = {item.name: record[item.name] for item in fields(DerainReport)
             if item.name in record}
    return DerainReport(**dict(known, notes=tuple(known['notes'])))


def done_report(source: Anywhere, target: Anywhere, settings: dict
                ) -> DerainReport | None:
    """What was done, if it is recorded, and all is as it was."""
    if judge(source, target, settings).standing is not Standing.DONE:
        return None
    return report_in(read_record(record_path(target)))


def judge(source: Anywhere, target: Anywhere, settings: dict) -> Verdict:
    """Find out whether an output has to be made.

    Args:
        source: The input.
        target: The output.
        settings: That are asked for now.
    """
    path = record_path(target)
    if not is_there(path):
        return Verdict(Standing.OPEN)
    record = read_record(path)
    if not is_there(target):
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
                              input_known_by(source) if is_there(source)
                              else None)
               or _difference('output', record.get('output_known_by'),
                              output_known_by(target)))
    return _refused(target, problem) if problem else Verdict(Standing.DONE)


def read_record(path: Anywhere) -> dict | None:
    """A record; None where there is none, or something else."""
    record = read_json(path)
    is_record = isinstance(record, dict) and {'input', 'frames'} <= {*record}
    return record if is_record else None


def _aside(path: Anywhere) -> Anywhere:
    """A free name for what is in a record's place and is none."""
    names = (path.with_name(f'{path.name}.kept{number}')
             for number in count(1))
    return next(name for name in names if not is_there(name))


def _judge_of_0_1(target: Anywhere, record: dict) -> Verdict:
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
    names = differing(was, now, {*was, *now})
    if what != 'settings':
        return f'the {what} has changed since ({", ".join(names)})'
    return ('it was made with other settings: '
            + describe_change(was, now, names)) if names else None


def _refused(target: Anywhere, reason: str) -> Verdict:
    return Verdict(Standing.REFUSED, (
        f'{target} is there already, but {reason}. Move it away to have it '
        'made again, choose another output, or add --overwrite, which makes '
        'all outputs again.'))
