"""Files that are there as a whole or not at all, and how they are known again.

Nothing here removes or replaces what it was not asked to.
"""

import errno
import glob
import hashlib
import json
import os
import resource
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from mmderain.errors import (
    NO_SPACE,
    NoSpaceError,
    UnwrittenError,
    UserError,
    remedy,
)

# of a disk that knows no hard links
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP,
                       errno.ENOSYS, errno.EMLINK, errno.EXDEV})
END_BYTES = 1 << 20  # bytes of either end of a file that are looked at
_SECONDS_OF_WRITING = 3600  # that no single file takes
# limits that no disk has
_OF_USERS = (errno.EFBIG, errno.EDQUOT)
_ENOUGH = 1 << 10  # MiB that are free where a disk is not full
_KEPT = 'What was finished is kept.'

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


def cannot_write(path: Path, error: OSError | None = None) -> UserError:
    """The error of a file that cannot be written, or not completely.

    Args:
        path: Of the file.
        error: What the system said; None where it said nothing, and the file
            is not what was written.
    """
    folder = path.absolute().parent
    number = None if error is None else error.errno
    if number == errno.ENOENT and not folder.is_dir():
        return UnwrittenError(
            f'{path} cannot be written: its folder {folder} is not there, or '
            'has been removed during the work. Run again; nothing but this '
            'command may change that folder meanwhile.')
    if number is not None and number not in NO_SPACE:
        return UnwrittenError(
            f'{path} cannot be written: {error.strerror or error}. '
            f'{remedy(error) or "Choose another output."} {_KEPT}')
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if limit != resource.RLIM_INFINITY and number in (None, errno.EFBIG):
        return NoSpaceError(
            f'{path} cannot be written completely: files of this shell may '
            f'have {limit} bytes at most. Raise that limit (ulimit -f '
            f'unlimited). {_KEPT}')
    if number in _OF_USERS:
        return NoSpaceError(f'{path} cannot be written completely: '
                            f'{error.strerror}. {remedy(error)} {_KEPT}')
    folder = next((parent for parent in path.absolute().parents
                   if parent.is_dir()), None)
    free = None if folder is None else shutil.disk_usage(folder).free >> 20
    left = '' if free is None else f' ({free} MiB are free)'
    if error is None and free is not None and free > _ENOUGH:
        return UnwrittenError(
            f'{path} is not what was written, as reading it again shows, and '
            f'the disk is not full{left}. Choose another output: another '
            'disk, or another kind of file. If it is so there, too, please '
            f'report it. {_KEPT}')
    # where nothing is said, it may have been the writer's fault
    kind = UnwrittenError if error is None else NoSpaceError
    return kind(f'No space left for {path}: it could not be written '
                f'completely{left}. Free some space. {_KEPT}')


def require_folder(folder: Path) -> None:
    """Make a folder where there is none.

    Raises:
        OSError: It cannot be; a file that is there is no folder, while it
            would be no error to somebody who looks for a name that is free.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR),
                                 str(folder)) from error


@contextmanager
def resumable() -> Iterator[None]:
    """What cannot be written in it is not lost: say how it goes on.

    Raises:
        UnwrittenError: What came, with that.
    """
    try:
        yield
    except UnwrittenError as error:
        error.args = (f'{error} Add --resume to continue.', )
        raise


def write_whole(path: Path, content: bytes | str, parents: bool = False,
                durable: bool = True) -> None:
    """Write a file: after a kill it is the old one or the new one.

    Args:
        path: The file. Until it is whole, its content is in a hidden file
            beside it that ends in ``.unfinished``.
        content: A text is written as UTF-8.
        parents: Make the folder of the file where it is missing.
        durable: Wait until the content is on the disk, so that a power cut is
            like a kill. It takes milliseconds.

    Raises:
        UserError: It cannot be written.
    """
    require_file(path)
    if isinstance(content, str):
        content = content.encode()
    with _unfinished(path) as unfinished:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        if durable:
            _remove_left(path)
        with unfinished.open('wb') as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(unfinished, path)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """The name of a file beside one, for what is not whole yet.

    Raises:
        UserError: It cannot be written.
    """
    # processes of other machines have the same numbers; and a name of 255
    # bytes leaves no room for more
    unfinished = path.with_name(
        f'.{path.name[:50]}.{uuid4().hex[:8]}.unfinished')
    try:
        yield unfinished
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):  # it is there after an error only
            unfinished.unlink()


def left_of(path: Path) -> list[Path]:
    """What killed processes have left of a file, not yet whole.

    Another process may be writing it just now.
    """
    return [*path.parent.glob(f'.{glob.escape(path.name[:50])}.*.unfinished')]


def _remove_left(path: Path) -> None:
    some_time_ago = time.time() - _SECONDS_OF_WRITING
    for left in left_of(path):
        with suppress(OSError):
            if left.stat().st_mtime < some_time_ago:
                left.unlink()


def parse_json(text: str | bytes) -> Any:
    """What a JSON text holds.

    Raises:
        ValueError: It is none, or is nested so deeply that nobody wrote it.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError('it is nested too deeply') from error


def write_json(path: Path, content: object, parents: bool = False) -> None:
    """Write a JSON file as a whole.

    Args:
        path: The file.
        content: What JSON can hold.
        parents: As for :func:`write_whole`.

    Raises:
        UserError: It cannot be written.
    """
    write_whole(path, json.dumps(content, indent=2) + '\n', parents)


def sync(path: Path) -> None:
    """Wait until a file is on the disk.

    Raises:
        UserError: It does not get there.
    """
    try:
        with path.open('rb') as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(path, error) from error


def place(source: Path, target: Path, overwrite: bool = False) -> None:
    """Give a finished file or folder its final name.

    Args:
        source: On the same disk.
        target: Where it goes.
        overwrite: Replace a file that is there. A folder never is.

    Raises:
        UserError: Something is there, or the place cannot be written.
    """
    try:
        if source.is_dir():
            os.rename(source, target)  # refuses a folder with content
        elif overwrite:
            require_file(target)
            os.replace(source, target)
        else:
            _place_new(source, target)
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise _occupied(source, target) from error
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:
            raise _occupied(source, target) from error
        if not source.exists():
            raise UnwrittenError(
                f'{target} cannot be written: {source}, which was finished, '
                'has been removed during the work. Run again; nothing but '
                'this command may change that folder meanwhile.') from error
        raise UnwrittenError(
            f'{target} cannot be written: {error.strerror or error}. '
            f'{remedy(error)} What was finished is {source}.') from error


def copy_whole(source: Path, target: Path, overwrite: bool = False) -> None:
    """Copy a file to another disk, where it appears as a whole.

    Args:
        source: The file.
        target: Where it goes.
        overwrite: Replace a file that is there.

    Raises:
        UserError: Something is there, or it cannot be written.
    """
    with _unfinished(target) as unfinished:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_left(target)
        shutil.copyfile(source, unfinished)
        sync(unfinished)
        place(unfinished, target, overwrite)


def _place_new(source: Path, target: Path) -> None:
    try:
        # unlike a rename it replaces nothing
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(target):
            raise FileExistsError from error
        os.rename(source, target)
    else:
        source.unlink()


def _occupied(source: Path, target: Path) -> UserError:
    return UnwrittenError(
        f'{target} has come into being during the work, and is left alone. '
        f'What was finished is {source}. Move {target.name} away.')


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open('rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()


def ends_digest(path: Path) -> str:
    """SHA-256 of a file's first and last MiB, as hexadecimal digits."""
    with path.open('rb') as file:
        first = file.read(END_BYTES)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(END_BYTES, size - END_BYTES))
        return digest_of_ends(first, file.read())


def digest_of_ends(first: bytes, last: bytes) -> str:
    """The same of what was read."""
    return hashlib.sha256(first + last).hexdigest()


def fingerprint(path: Path) -> dict:
    """By what a file is known again, without reading all of it.

    Returns:
        dict: ``size`` in bytes, and ``ends``, see :func:`ends_digest`.
    """
    return dict(size=path.stat().st_size, ends=ends_digest(path))
