"""Folders of frames that mmderain wrote, and how they are known again."""

import os
import shutil
from pathlib import Path
from uuid import uuid4

from mmderain.errors import UserError
from mmderain.file_kinds import what_is_there
from mmderain.files import fingerprint, parse_json, place, write_json
from mmderain.version import __version__

MARKER = '.mmderain.json'


def mark_folder(folder: Path) -> None:
    """Note in a folder which files in it are ours.

    Raises:
        UserError: It cannot be written.
    """
    names = sorted(path.name for path in folder.iterdir())
    # an id, so that the folders of two runs are told apart
    write_json(folder / MARKER, dict(
        mmderain=__version__, id=uuid4().hex, frames=names))


def marked_frames(folder: Path) -> list[str] | None:
    """The files of a folder that are ours; None if it is not ours."""
    try:
        said = parse_json((folder / MARKER).read_text(encoding='utf-8'))
        return [str(name) for name in said['frames']]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check_replaceable(folder: Path) -> None:
    """Refuse to replace a folder, or files in it, that mmderain did not make.

    Raises:
        UserError: It is no folder, is not ours, or others have put something
            into it.
    """
    if not folder.is_dir():
        raise UserError(
            f'{folder}: expected the name of a folder for frames, but '
            f'{what_is_there(folder) or "a link that leads nowhere"} is '
            'there. Choose another output.')
    names = marked_frames(folder)
    if names is None:
        raise UserError(
            f'{folder} is a folder that mmderain did not make, and is left '
            f'alone. Name an output that does not exist yet, such as '
            f'{folder / "clean.mp4"} for a video or {folder / "clean"} for '
            'frames.')
    others = sorted({path.name for path in folder.iterdir()}
                    - {*names, MARKER})
    if others:
        raise UserError(
            f'{folder} also holds what mmderain did not write: '
            f'{", ".join(others[:3])}{" ..." if others[3:] else ""}. Move it '
            'away, or choose another output.')


def place_folder(source: Path, target: Path, overwrite: bool) -> None:
    """Give a folder of frames its final name.

    Args:
        source: The folder, marked.
        target: Where it goes.
        overwrite: Replace a folder that mmderain made.

    Raises:
        UserError: Something else is there, or the place cannot be written.
    """
    if not (overwrite and os.path.lexists(target)):
        place(source, target)
        return
    check_replaceable(target)
    old = source.with_name('joined.replaced')
    shutil.rmtree(old, ignore_errors=True)
    place(target, old)
    place(source, target)
    shutil.rmtree(old, ignore_errors=True)


def output_fingerprint(path: Path) -> dict | None:
    """By what an output is known again; None if it is not there."""
    try:
        return fingerprint(path / MARKER if path.is_dir() else path)
    except OSError:
        return None
