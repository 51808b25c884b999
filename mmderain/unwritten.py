"""What to say of a file that cannot be written, or not completely."""

import errno
import os
import resource
import shutil
import stat
from pathlib import Path

from mmderain.errors import (
    NO_SPACE,
    NoSpaceError,
    UnwrittenError,
    UserError,
    remedy,
)

# limits that no disk has
_OF_USERS = (errno.EFBIG, errno.EDQUOT)
_ENOUGH = 1 << 10  # MiB that are free where a disk is not full
_KEPT = 'What was finished is kept.'


def cannot_write(path: Path, error: OSError | None = None) -> UserError:
    """The error of a file that cannot be written, or not completely.

    Args:
        path: Of the file.
        error: What the system said; None where it said nothing, and the file
            is not what was written.
    """
    folder = path.absolute().parent
    number = None if error is None else error.errno
    broken = next((place for place in (folder, *folder.parents)
                   if place.is_symlink() and not place.exists()), None)
    if broken is not None:
        return UnwrittenError(f'{path} cannot be written: {broken} is a link '
                              'that leads nowhere. Mend the link, or choose '
                              'another place.')
    if number == errno.ENOENT and not folder.is_dir():
        return UnwrittenError(
            f'{path} cannot be written: its folder {folder} is not there, or '
            'has been removed during the work. Run again; nothing but this '
            'command may change that folder meanwhile.')
    if number in (errno.EEXIST, errno.ENOTDIR):
        named = Path(error.filename or folder).absolute()
        holder = next(filter(os.path.exists, (named, *named.parents)))
        if not holder.is_dir():
            return UnwrittenError(
                f'{path} cannot be written: {holder} is no folder, so nothing '
                'can be written into it. Choose another place.')
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


def require_replaceable(path: Path) -> None:
    """Refuse to work for a place that only somebody else can make free.

    In a folder like /tmp everybody may write, and nobody may replace what is
    another's.

    Args:
        path: Of a file or folder, there or not.

    Raises:
        UnwrittenError: Another user's is there, in such a folder.
    """
    if not os.path.lexists(path):
        return
    there, folder = path.lstat(), path.absolute().parent.stat()
    owners = (0, there.st_uid, folder.st_uid)
    if folder.st_mode & stat.S_ISVTX and os.geteuid() not in owners:
        raise UnwrittenError(
            f"{path} cannot be replaced: it is another user's, in a folder "
            'where each may replace his own alone. Choose another output.')
