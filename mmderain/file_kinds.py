"""What a name is of: a file, a folder, a pipe, or nothing."""

import os
import stat
from pathlib import Path

from mmderain.errors import UnwrittenError

EMPTY = 'it is empty'
A_FILE, A_FOLDER = 'a file', 'a folder'
_KINDS = {stat.S_IFREG: A_FILE, stat.S_IFDIR: A_FOLDER, stat.S_IFIFO: 'a pipe',
          stat.S_IFSOCK: 'a socket', stat.S_IFCHR: 'a device',
          stat.S_IFBLK: 'a device'}


def no_file(path: Path) -> str | None:
    """Why a path is no file that holds something, without opening it.

    A pipe would be waited for, and a device may never end.

    Returns:
        str | None: None where it is one.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return ('it is a link that leads nowhere' if os.path.lexists(path)
                else 'it does not exist')
    except OSError as error:
        return f'the system says "{error.strerror}"'
    if not stat.S_ISREG(found.st_mode):
        return f'it is {_KINDS[stat.S_IFMT(found.st_mode)]}'
    return None if found.st_size else EMPTY


def what_is_there(path: Path) -> str | None:
    """What a name is of, where links lead: a file, a folder, a pipe ...

    Returns:
        str | None: None where nothing is there, or nobody can see it.
    """
    try:
        return _KINDS[stat.S_IFMT(path.stat().st_mode)]
    except OSError:
        return None


def require_file(path: Path) -> None:
    """Refuse to put a file in the place of a device or a pipe.

    To the system it is a name in a folder, also /dev/null.

    Raises:
        UserError: It is one.
    """
    there = what_is_there(path)
    if there not in (None, A_FILE, A_FOLDER):  # a folder the system refuses
        raise UnwrittenError(f'{path}: expected the name of a file, but '
                             f'{there} is there. Choose another name.')
