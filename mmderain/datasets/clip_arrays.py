"""Arrays on disk that are filled bit by bit, mapped into memory."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from mmderain.errors import DataError
from mmderain.unwritten import cannot_write

_SPARE = 64 * 2 ** 20  # bytes to leave free on the disk


def reserve_arrays(folder: Path, shapes: Mapping[str, tuple[int, ...]]
                   ) -> None:
    """Make arrays of uint8 zeros whose space on disk is reserved.

    Writing to a mapped file on a full disk kills the process; so a full disk
    is told before any work.

    Args:
        folder: Made if it is not there.
        shapes: Of the arrays, by the names of their files.

    Raises:
        UserError: The disk is too small, or cannot be written.
    """
    check_space(folder, shapes)
    try:
        for name, shape in shapes.items():
            open_memmap(folder / name, 'w+', np.uint8, shape).flush()
            with open(folder / name, 'r+b') as file:
                os.posix_fallocate(
                    file.fileno(), 0, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise cannot_write(folder, error) from error


def check_space(folder: Path, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Check that the disk has space for arrays of uint8.

    Args:
        folder: Made if it is not there.
        shapes: Of the arrays, by the names of their files.

    Raises:
        UserError: The disk is too small, or cannot be written.
    """
    needed = sum(int(np.prod(shape)) for shape in shapes.values())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise cannot_write(folder, error) from error
    if free < needed + _SPARE:
        raise DataError(
            f'{folder}: expected {needed / 2 ** 30:.1f} GiB of free disk '
            f'space, got {free / 2 ** 30:.1f}. Free some, choose another '
            'folder or fewer clips.')


def write_row(path: Path, index: int, row: np.ndarray) -> None:
    """Put one row into an array on disk.

    It is written and not mapped: a map writes whole pages, and with them takes
    back what another machine has meanwhile written beside.

    Args:
        path: Of the array.
        index: Of the row.
        row: Of the shape and kind of the array's rows.

    Raises:
        DataError: There is no array, or its rows are others.
        OSError: It cannot be written.
    """
    array = _mapped(path)
    if (row.shape, row.dtype) != (array.shape[1:], array.dtype):
        raise DataError(
            f'{path}: expected rows of {array.dtype} and shape '
            f'{array.shape[1:]}, got {row.dtype} and {row.shape}. Make it '
            'again.')
    with open(path, 'r+b') as file:
        file.seek(array.offset + index * row.nbytes)
        file.write(row.tobytes())


def open_array(folder: Path, name: str, ndim: int,
               made_by: str) -> np.ndarray:
    """Map an array of a folder into memory, to be read.

    Args:
        folder: Of the clips.
        name: Of the file.
        ndim: How many dimensions it has.
        made_by: The command that makes it.

    Raises:
        DataError: There is none, or it holds something else.
    """
    path = folder / name
    if not path.is_file():
        raise DataError(f'{path}: no such file; {made_by} makes it.')
    array = _mapped(path)
    if array.ndim != ndim:
        raise DataError(f'{path}: expected {ndim} dimensions, got '
                        f'{array.shape}.')
    return array


def _mapped(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode='r', allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise DataError(f'{path} cannot be read as an array: {error}. Make it '
                        'again.') from error
