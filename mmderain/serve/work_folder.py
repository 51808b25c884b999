"""Where files of visitors are: a folder that is gone when the server is."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmderain.folder_lock import alone_in

_PREFIX = 'mmderain-serve-'
# only what has it was made by a server
MARKER = '.mmderain-serve'


@contextmanager
def work_folder(parent: Path | None = None) -> Iterator[Path]:
    """A new folder that no other user may read, removed at the end.

    What killed servers have left beside it is removed first.

    Args:
        parent: Where it is; the system's place for such files when None.

    Raises:
        OSError: It cannot be made.
    """
    parent = Path(tempfile.gettempdir() if parent is None else parent)
    clear_left(parent)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent.absolute()))
    try:
        with alone_in(folder):  # as long as this process lives
            (folder / MARKER).touch()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_left(parent: Path) -> None:
    """Remove the folders of servers that were killed; nothing else.

    One that a server works in is locked; one whose lock cannot be asked for is
    left alone.
    """
    for folder in parent.glob(f'{_PREFIX}*'):
        try:
            _clear_if_left(folder)
        except OSError:
            continue  # of another user, or being cleared by another server


def _clear_if_left(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        is_ours = os.fstat(handle).st_uid == os.getuid()
        if is_ours and (folder / MARKER).is_file():
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)
