"""Places that outputs cannot have, noticed before the work is done."""

import os
from pathlib import Path

from mmderain.errors import UserError
from mmderain.file_kinds import A_FILE, A_FOLDER, what_is_there
from mmderain.unwritten import require_replaceable


def require_apart(**places: Path | None) -> None:
    """Refuse outputs that would replace each other.

    Args:
        places: By the names of their options; None for none.

    Raises:
        UserError: One is another, or called as a frame in it.
    """
    known = {f'--{name.replace("_", "-")}': path.resolve()
             for name, path in places.items() if path is not None}
    for one, path in known.items():
        for other, place in known.items():
            is_frame = place in path.parents and path.suffix == '.png'
            if one != other and (path == place or is_frame):
                raise UserError(f'{one} {path} and {other} {place} would '
                                'replace each other. Choose another name.')


def require_outside(option: str, path: Path | None, *inputs: Path) -> None:
    """Refuse an output among the inputs, where it would spoil the set.

    Raises:
        UserError: It is an input, or within a folder of them.
    """
    if path is None:
        return
    place = path.resolve()
    for item in inputs:
        if item.resolve() in (place, *place.parents):
            raise UserError(f'{option} {path}: expected a place outside of '
                            f'{item}, which is read. Choose another name.')


def require_place(option: str, path: Path | None, is_folder: bool = False,
                  overwrite: bool = True) -> None:
    """Notice an output that cannot be written before the work is done.

    Args:
        option: Which names it, for messages.
        path: The output; None for none.
        is_folder: Whether it will be one.
        overwrite: Whether the work may replace what is there, or settles that
            itself.

    Raises:
        UserError: Something else is there, or in the way.
    """
    if path is None:
        return
    if path.is_symlink() and not path.exists():
        raise UserError(f'{option} {path}: a link that leads nowhere has this '
                        'name. Remove the link, or choose another name.')
    expected, there = A_FOLDER if is_folder else A_FILE, what_is_there(path)
    if there not in (None, expected):
        raise UserError(f'{option} {path}: expected the name of {expected}, '
                        f'but {there} is there. Choose another name.')
    holder = next(item for item in (path, *path.absolute().parents)
                  if item.exists())
    if holder == path and not overwrite and not (
            is_folder and not any(path.iterdir())):
        raise UserError(f'{option} {path} is there already. Add --overwrite '
                        'to replace it, or choose another name.')
    if not (holder.is_dir() or holder == path):
        raise UserError(f'{option} {path}: {holder} is a file, so nothing can '
                        'be written into it. Choose another name.')
    try:
        require_replaceable(path)
    except UserError as error:
        raise UserError(f'{option}: {error}') from error
    if not os.access(holder, os.W_OK):
        raise UserError(f'{option} {path}: {holder} cannot be written to. '
                        'Change its permissions or choose another name.')


def keep_inputs(option: str, output: Path | None, *inputs: Path | str) -> None:
    """Refuse an output that is one of the inputs, by whatever name.

    Args:
        option: Which names the output, for messages.
        output: None for none.
        inputs: Files; those that are not there are no output either.

    Raises:
        UserError: It is one.
    """
    for item in inputs:
        path = Path(item).expanduser()
        if output is not None and output.exists() and path.exists() \
                and output.samefile(path):
            raise UserError(f'{option} {output}: expected another file than '
                            f'{path}, which is read. Choose another name.')
