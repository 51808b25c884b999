"""A folder, or a file, in which one process at a time works.

A process that is killed leaves no lock.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmderain.errors import UserError


@contextmanager
def alone_in(folder: Path, patience: float = 0) -> Iterator[None]:
    """Work in a folder while no other process does that asks by this.

    Nothing is left in the folder. On a disk that cannot lock, as some of
    networks, nobody is kept out.

    Args:
        folder: It is made where it is missing.
        patience: Seconds to wait for the other: processes that a killed one
            has forked keep its lock until they notice.

    Raises:
        UserError: Another process works in it.
        OSError: It cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(handle, folder, 'folder', time.monotonic() + patience)
        yield
    finally:
        os.close(handle)


@contextmanager
def alone_with(file: Path) -> Iterator[None]:
    """Write a file while no other process does that asks by this.

    Args:
        file: It is made where it is missing, and stays.

    Raises:
        UserError: Another process writes it.
        OSError: It cannot be made.
    """
    handle = os.open(file, os.O_RDONLY | os.O_CREAT, 0o666)
    try:
        _lock(handle, file, 'file', time.monotonic())
        yield
    finally:
        os.close(handle)


def try_lock(handle: int) -> bool:
    """Lock an open file or folder, unless another process has.

    On a disk that knows no locks everything is everybody's.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def _lock(handle: int, place: Path, kind: str, until: float) -> None:
    while not try_lock(handle):
        if time.monotonic() > until:
            raise UserError(
                f'{place}: another process is writing into this {kind}. Wait '
                f'until it is done, or choose another {kind}.')
        time.sleep(.1)
