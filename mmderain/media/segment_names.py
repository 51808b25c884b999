"""Names of files that are written one after the other, by a pattern.

Numbers are FFmpeg's, ``%03d``; times are those of ``strftime``, as FFmpeg's
segments take them.
"""

import re
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from mmderain.errors import UserError
from mmderain.media.frame_sink import UNFINISHED

# of a folder that is named alone
DEFAULT_NAME = '%Y%m%d-%H%M%S.mkv'
# none that may hold a slash or what differs from place to place
_TIMES = 'YymdjHMSFTsabABIp'
_CODE = re.compile(rf'%(?:0(?P<width>[1-9])d|(?P<time>[{_TIMES}])|%)')


class SegmentNames:
    """Names by a pattern, none of them twice.

    Args:
        pattern: Of the files.

    Raises:
        UserError: It is none.
    """

    def __init__(self, pattern: Path) -> None:
        if [code[0] for code in _CODE.finditer(str(pattern))] == ['%d']:
            # FFmpeg's number, where the day of a month would be alone
            pattern = Path(str(pattern).replace('%d', '%01d'))
        self._pattern = pattern
        self._number: int | None = None  # the next
        codes = [*_CODE.finditer(str(pattern))]
        self._check([code for code in codes if code['width']],
                    any(code['time'] for code in codes))

    def _check(self, numbers: list[re.Match], has_times: bool) -> None:
        pattern = self._pattern
        rest = _CODE.sub('', str(pattern))
        if '%' in rest:
            wrong = rest[rest.index('%'):][:2]
            raise UserError(
                f'{pattern}: {wrong!r} is no part of a time or a number that '
                'is known. Expected %03d, %Y%m%d-%H%M%S and the like '
                f'({", ".join(f"%{letter}" for letter in _TIMES)}); %% is a '
                'percent sign.')
        if not numbers and not has_times:
            stem, suffix = pattern.stem, pattern.suffix
            raise UserError(
                f'{pattern}: expected a name that differs from file to file, '
                f'such as {stem}_%03d{suffix} or {stem}_%Y%m%d-%H%M%S'
                f'{suffix}, or a folder, {stem}/.')
        if len(numbers) > 1:
            raise UserError(f'{pattern}: expected one number, got '
                            f'{len(numbers)}. Leave one of them out.')
        if numbers and not _number_in(pattern.name):
            raise UserError(f'{pattern}: expected the number in the name of '
                            'the file, not of its folder. Folders take '
                            'times, such as %Y-%m-%d.')

    def next(self) -> Iterator[Path]:
        """Names for the next file, until one is free."""
        now = time.localtime()

        def at_present(text: str) -> str:
            return _CODE.sub(lambda code: '%' if code[0] == '%%'
                             else time.strftime(code[0], now), text)

        folder = Path(at_present(str(self._pattern.parent)))
        name, number = self._pattern.name, _number_in(self._pattern.name)
        if number is None:
            yield from _told_apart(folder / at_present(name))
            return
        before, after = map(at_present, (name[:number.start()],
                                         name[number.end():]))
        if self._number is None:
            self._number = _highest(folder, before, after) + 1
        while True:
            self._number += 1
            yield folder / (f'{before}{self._number - 1:0{number["width"]}}'
                            f'{after}')


def _number_in(name: str) -> re.Match | None:
    return next((code for code in _CODE.finditer(name) if code['width']),
                None)


def _told_apart(path: Path) -> Iterator[Path]:
    """A name, and others of the same moment."""
    yield path
    for number in count(2):
        yield path.with_name(f'{path.stem}-{number}{path.suffix}')


def _highest(folder: Path, before: str, after: str) -> int:
    """The highest number in a folder, finished or not; -1 if there is none."""
    rest, dot, suffix = after.rpartition('.')
    taken = re.compile(
        rf'{re.escape(before)}(\d+){re.escape(rest)}'
        rf'({re.escape(UNFINISHED)})?{re.escape(dot + suffix)}')
    names = (path.name for path in folder.iterdir()) if (
        folder.is_dir()) else ()
    return max((int(match[1]) for match in map(taken.fullmatch, names)
                if match), default=-1)
