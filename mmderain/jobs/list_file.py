"""Lists of inputs, as people and spreadsheets write them."""

import csv
import os
import sys
from pathlib import Path
from typing import NamedTuple

from mmderain.errors import DataError, remedy
from mmderain.file_kinds import EMPTY, no_file
from mmderain.jobs.anywhere import Anywhere
from mmderain.stores import StoreUrl, parse_place

_STANDARD_INPUT = Path('-')
_PIPE = 'it is a pipe'
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

    Args:
        path: The file; ``-`` is standard input, unless a file is called so.

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
        place = f'{_name(path)}, line {number}'
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


def _is_piped(path: Path) -> bool:
    return path == _STANDARD_INPUT and not path.exists()


def _name(path: Path) -> str:
    return 'standard input' if _is_piped(path) else str(path)


def _text(path: Path) -> str:
    how = 'Fix the path, or save it as UTF-8.'
    try:
        content, problem = _content(path)
        if problem is None:
            text = content.decode('utf-8-sig')  # of Windows, say
            if '\0' not in text:
                return text
            problem = 'it has NUL bytes'
    except UnicodeDecodeError:
        problem = 'it is not in UTF-8'
    except OSError as error:
        problem, how = str(error.strerror), remedy(error)
    if _is_piped(path) or problem == _PIPE:
        how = ('Let a program write it into a pipe: find cards -name '
               "'*.mp4' | mmderain derain --list - -o clean/")
    raise DataError(f'{_name(path)}: expected a list of inputs, a text in '
                    f'UTF-8, but {problem}. {how}')


def _content(path: Path) -> tuple[bytes, str | None]:
    """What a list holds, or why it is none."""
    if not _is_piped(path):
        problem = no_file(path)
        if problem == EMPTY:
            return b'', None
        return (path.read_bytes() if problem is None else b''), problem
    if sys.stdin is None:
        return b'', 'it is closed'
    if sys.stdin.isatty():
        return b'', 'it is a terminal'
    return sys.stdin.buffer.read(), None


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
