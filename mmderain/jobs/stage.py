"""Room on this disk for copies, of one video at a time."""

import glob
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from mmderain.errors import NoSpaceError, UserError
from mmderain.folder_lock import alone_in, try_lock
from mmderain.unwritten import cannot_write

_SECONDS = 60  # that others may take to find a folder of their own


@contextmanager
def stage_in(folder: Path | None, needed: int) -> Iterator[Path]:
    """A folder that is removed afterwards, with what is in it.

    What processes of this machine have left that were killed is removed as
    well.

    Args:
        folder: Gets it, in a folder of ours; None for a temporary one of the
            system.
        needed: Bytes that have to be free.

    Raises:
        NoSpaceError: They are not.
        UserError: It cannot be made.
    """
    # nobody else's files are in a folder of this name
    root = (folder or Path(gettempdir())) / f'mmderain-stage-{os.getuid()}'
    # another machine may not see the locks of this one
    prefix = f'{platform.node()}-'
    try:
        with alone_in(root, _SECONDS):
            if folder is None and root.stat().st_uid != os.getuid():
                raise UserError(
                    f'{root}: expected a folder of yours for copies of '
                    'videos, got one of another user. Name another place '
                    '(--stage-dir).')
            _sweep(root, prefix)
            own = Path(mkdtemp(prefix=prefix, dir=root))
            # noticed by those who sweep
            lock = os.open(own, os.O_RDONLY)
            try_lock(lock)
    except OSError as error:
        raise cannot_write(root, error) from error
    try:
        free = shutil.disk_usage(own).free
        if free < needed:
            raise NoSpaceError(
                f'No space left for {root}: expected {_mib(needed)} MiB for '
                f'copies of a video, {_mib(free)} MiB are free. Free some '
                'space, or name another disk (--stage-dir).')
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
        os.close(lock)


def _sweep(root: Path, prefix: str) -> None:
    for left in root.glob(f'{glob.escape(prefix)}*'):
        lock = os.open(left, os.O_RDONLY)
        try:
            if try_lock(lock):
                shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(lock)


def _mib(size: int) -> int:
    return -(-size >> 20)
