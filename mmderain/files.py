"""Files that are there as a whole or not at all, and how they are known again.

Nothing here removes or replaces what it was not asked to.
"""

import errno
import glob
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from mmderain.errors import UnwrittenError, UserError, remedy
from mmderain.file_kinds import require_file
from mmderain.unwritten import cannot_write

# of a disk that knows no hard links
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP,
                       errno.ENOSYS, errno.EMLINK, errno.EXDEV})
END_BYTES = 1 << 20  # bytes of either end of a file that are looked at
_SECONDS_OF_WRITING = 3600  # that no single file takes


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
