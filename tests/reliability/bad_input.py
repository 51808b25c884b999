"""A bad input, what the program has to say to it, and how that is tried."""

import hashlib
import re
import shlex
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from io import StringIO
from pathlib import Path

from mmderain.cli.main import main
from tests.helpers.videos import pictures, write_checkpoint, write_video


def nothing(folder: Path) -> None:
    """Adds no file to those that every case has."""


def write(name: str, content: str | bytes = '') -> Callable[[Path], None]:
    """What makes a file."""
    def make(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes)
                         else content.encode())
    return make


def copy(name: str, to: str) -> Callable[[Path], None]:
    """What copies one of the good files, or one made before."""
    def make(folder: Path) -> None:
        write(to, (folder / name).read_bytes())(folder)
    return make


def all_of(*makers: Callable[[Path], object]) -> Callable[[Path], None]:
    """What makes several things."""
    def make(folder: Path) -> None:
        for item in makers:
            item(folder)
    return make


@dataclass(frozen=True)
class BadInput:
    """One row of docs/reliability.md.

    Args:
        what: What is wrong, in a few words for a reader of the page.
        command: What is typed after ``mmderain``, in a folder that has
            ``clip.mp4`` (8 good frames of 64x48), ``photo.png`` and the good
            checkpoint ``model.pth``; ``derain`` gets that checkpoint unless
            the command names another or a model.
        says: A piece of the message that says what to do about it.
        make: Writes what else is needed into that folder.
        status: What the program exits with; 0 where the right thing is to go
            on and say so.
        makes: Patterns of files that it may write or change nevertheless.
    """

    what: str
    command: str
    says: str
    make: Callable[[Path], object] = nothing
    status: int = 2
    makes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came of a bad input."""

    status: int
    message: str
    changed: tuple[str, ...]


@cache
def _good_files(folder: Path) -> dict[str, bytes]:
    import cv2
    cv2.imwrite(str(folder / 'photo.png'), pictures(1)[0])
    write_checkpoint(folder / 'model.pth', 'eevrsr_derain_only')
    write_video(folder / 'clip.mp4', pictures(8))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def answer(case: BadInput, good: Path, folder: Path) -> Answer:
    """Try a case in an empty folder, which is the working directory."""
    for name, content in _good_files(good).items():
        (folder / name).write_bytes(content)
    case.make(folder)
    before = _digests(folder)
    words = shlex.split(case.command)
    if words[0] == 'derain' and not {'--checkpoint', '--model'} & {*words}:
        words += ['--checkpoint', 'model.pth']
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said), (
            warnings.catch_warnings()):
        warnings.simplefilter('ignore')
        try:
            status = main(words)
        except SystemExit as stop:  # argparse
            status = stop.code
    changed = [path for path, digest in before.items()
               if _digests(folder).get(path) != digest]
    created = [path for path in _digests(folder) if path not in before]
    return Answer(
        status, _message(said.getvalue(), folder),
        tuple(sorted(path for path in {*changed, *created} if not any(
            fnmatch(path, pattern) for pattern in case.makes))))


def _digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)):
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob('*') if path.is_file()}


def _message(said: str, folder: Path) -> str:
    """The lines that complain, without what differs from run to run."""
    said = said.replace(f'{folder}/', '').replace(str(folder), '.')
    said = re.sub(r'in \d+\.\d s \(\d+\.\d+ frames/s\)', 'in ... s', said)
    lines = [re.sub(r'^(mmderain \S+|\S+\.py|pytest): error:', 'error:', line)
             for line in re.split(r'[\r\n]+', said)
             if line.strip() and not re.match(
                 r'usage: | {5,}|using the weights|.*\d+%\|'
                 r'|.*\d\w+ \[\d\d:\d\d', line)]
    # what a log says before does not complain
    first = next((number for number, line in enumerate(lines)
                  if line.startswith('error:')), 0)
    return '\n'.join(lines[first:])


def check(case: BadInput, good: Path, folder: Path, page: str) -> None:
    """Hold an answer against what it should be, and against the page."""
    came = answer(case, good, folder)
    assert came.status == case.status, came.message
    assert case.says in came.message
    assert 'Traceback' not in came.message
    assert len(came.message) < 1500, 'too long to be read'
    assert not came.changed, 'a user loses files, or gets half ones'
    assert row(case, came) in page, (
        'docs/reliability.md says something else: make it anew by '
        'python -m tests.reliability.page')


def row(case: BadInput, came: Answer) -> str:
    """The line of the page."""
    cells = (case.what, f'`{case.command}`',
             came.message.removeprefix('error: '), str(came.status))
    return '| ' + ' | '.join(
        cell.replace('|', '\\|').replace('\n', ' / ').replace('<', '\\<')
        for cell in cells) + ' |'
