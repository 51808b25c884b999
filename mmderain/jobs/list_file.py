"""Lists of inputs, as people and spreadsheets write them."""

import csv
import os
from pathlib import Path
from typing import NamedTuple

from mmderain.errors import DataError
from mmderain.file_kinds import EMPTY, no_file
from mmderain.jobs.anywhere import Anywhere
from mmderain.stores import StoreUrl, parse_place

LONGEST_NAME = 255  # bytes that disks take
_QUOTES = ('"', "'")


class Wanted(NamedTuple):
    """An input of an archive.

    Args:
        source: The input.
        target: Where it shall go; None where that is left to us.
        place: What names it in messages.
    """

    source: Anywhere
    target: Anywhere | None
    place: str


def read_list(path: Path) -> list[Wanted]:
    """Read a list: an input a line, or, in a CSV, ``input,output``.

    Empty lines, lines that begin with ``#`` and the heading of a CSV are left
    out; a CSV may be separated by semicolons.

    Raises:
        DataError: It cannot be read, or a line of it cannot be understood.
    """
    # str.splitlines would cut names, too, at form feeds and the like
    lines = [(number, line.removesuffix('\r')) for number, line in enumerate(
        _text(path).split('\n'), 1)
        if line.strip() and not line.startswith('#')]
    is_csv = path.suffix.lower() == '.csv'
    separator = ';' if is_csv and _has_semicolons(
        [line for _, line in lines]) else ','
    wanted = []
    for number, line in lines:
        place = f'{path}, line {number}'
        cells = (_cells(place, line, separator) if is_csv
                 else [_unquoted(line.strip())])
        if cells[0].lower() == 'input' and is_csv and not wanted:
            continue
        for cell in cells:
            _check_name(place, cell)
        wanted.append(Wanted(
            parse_place(cells[0]),
            parse_place(cells[1]) if cells[1:] and cells[1] else None, place))
    return wanted


def _text(path: Path) -> str:
    problem = no_file(path)
    try:
        if problem is None:
            text = path.read_bytes().decode('utf-8-sig')  # of Windows, say
            if '\0' not in text:
                return text
            problem = 'it has NUL bytes'
    except UnicodeDecodeError:
        problem = 'it is not in UTF-8'
    except OSError as error:
        problem = str(error.strerror)
    if problem == EMPTY:
        return ''
    raise DataError(f'{path}: expected a list of inputs, a text in UTF-8, but '
                    f'{problem}. Fix the path, or save it as UTF-8.')


def _has_semicolons(lines: list[str]) -> bool:
    """Whether they are the separators, not a part of names."""
    return bool(lines) and all(
        ';' in line and ',' not in line and not Path(line).exists()
        for line in lines)


def _cells(place: str, line: str, separator: str) -> list[str]:
    try:
        cells = [cell.strip() for cell in next(csv.reader(
            [line], delimiter=separator, strict=True))]
    except csv.Error as error:
        raise DataError(f'{place}: expected input,output, got {line!r}, where '
                        f'a quote is open or stands alone ({error}). Remove '
                        'it, or double it within quotes.') from error
    if len(cells) > 2 or not cells[0]:
        raise DataError(f'{place}: expected input,output, got {line!r}. Quote '
                        'names with commas.')
    return cells


def _unquoted(line: str) -> str:
    """A name without the quotes that a shell would take off."""
    is_quoted = len(line) > 2 and line[0] == line[-1] and line[0] in _QUOTES
    return line[1:-1] if is_quoted and not Path(line).exists() else line


def _check_name(place: str, name: str) -> None:
    if StoreUrl.parse(name):
        return  # what is signed has long ones
    longest = max((len(os.fsencode(part)) for part in Path(name).parts),
                  default=0)
    if longest > LONGEST_NAME:
        raise DataError(f'{place}: expected names of {LONGEST_NAME} bytes at '
                        f'most, got one of {longest}, {name[:40]!r}... Is it '
                        'a path?')
