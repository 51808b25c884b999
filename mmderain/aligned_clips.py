"""Folders of rendered clips, as arrays: what is in them, and the alignment.

=================== ======================= ==================================
file                shape, uint8            content
=================== ======================= ==================================
``clips.npy``       (N, 5, h, w, 3)         rainy clips, RGB
``truth.npy``       (N, h, w, 3)            the clean frame in the middle
``aligned.npy``     (N, 4, h, w, 3)         the rainy neighbours, moved to it
``psnr.npy``        (N,), float32           of the rainy frame in the middle
=================== ======================= ==================================

The renderer writes the first two, :func:`align_clips` the others.
"""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.lib.format import open_memmap
from tqdm import tqdm

from mmderain.alignment import align_neighbours
from mmderain.errors import DataError
from mmderain.stopping import end_with_parent

FRAMES = 5
CENTRE = 2
_PART = 32


def open_array(folder: Path, name: str, ndim: int) -> np.ndarray:
    """Map an array of a folder into memory, to be read.

    Raises:
        DataError: There is none, or it holds something else.
    """
    path = folder / name
    if not path.is_file():
        made_by = ('mmderain align-clips makes it'
                   if name in ('aligned.npy', 'psnr.npy')
                   else 'the renderer makes it')
        raise DataError(f'{path}: no such file; {made_by}.')
    try:
        array = np.load(path, mmap_mode='r', allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise DataError(f'{path} cannot be read as an array: {error}. Make it '
                        'again.') from error
    if array.ndim != ndim:
        raise DataError(f'{path}: expected {ndim} dimensions, got '
                        f'{array.shape}.')
    return array


def open_clips(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The rainy clips and the truth of a folder.

    Raises:
        DataError: One is missing, or they do not fit each other.
    """
    clips = open_array(folder, 'clips.npy', 5)
    truth = open_array(folder, 'truth.npy', 4)
    count, _, height, width, _ = clips.shape
    if (clips.shape != (count, FRAMES, height, width, 3)
            or truth.shape != (count, height, width, 3)
            or {clips.dtype, truth.dtype} != {np.dtype(np.uint8)}):
        raise DataError(
            f'{folder}: expected clips.npy (N, {FRAMES}, h, w, 3) and '
            f'truth.npy (N, h, w, 3) of uint8, got {clips.shape} of '
            f'{clips.dtype} and {truth.shape} of {truth.dtype}.')
    return clips, truth


def align_clips(folder: Path, workers: int = 1) -> int:
    """Align the clips of a folder; goes on where an earlier call stopped.

    Args:
        folder: Gets ``aligned.npy`` and ``psnr.npy``.
        workers: Processes.

    Returns:
        int: Clips that were aligned by this call; 0 when all were before.

    Raises:
        DataError: The clips cannot be read.
    """
    clips, _ = open_clips(folder)
    name = _fingerprint(clips, folder / 'truth.npy')
    stamp, target = folder / 'aligned.txt', folder / 'aligned.npy'
    if (target.is_file() and stamp.is_file()
            and stamp.read_text().strip() == name):
        return 0
    # named after the clips: what belongs to other ones is not gone on with
    partial = folder / f'aligned_{name}.partial.npy'
    scores = folder / f'psnr_{name}.partial.npy'
    starts = range(0, len(clips), _PART)
    if not (partial.is_file() and scores.is_file()):
        for rest in folder.glob('*.partial.npy'):
            rest.unlink()
        shape = (len(clips), FRAMES - 1, *clips.shape[2:])
        open_memmap(partial, 'w+', np.uint8, shape).flush()
        # not a number: not done yet
        rows = open_memmap(scores, 'w+', np.float32, (len(clips), ))
        rows[:] = np.nan
        rows.flush()
    rows = open_memmap(scores, 'r+')
    left = [start for start in starts
            if np.isnan(rows[start:start + _PART]).any()]
    todo = sum(len(rows[start:start + _PART]) for start in left)
    with tqdm(total=len(clips), initial=len(clips) - todo, unit='clip',
              desc='aligning') as bar:
        for start, values in _in_processes(folder, partial, left, workers):
            rows[start:start + len(values)] = values
            rows.flush()
            bar.update(len(values))
    os.replace(scores, folder / 'psnr.npy')
    os.replace(partial, target)
    stamp.write_text(name + '\n')
    return todo


def _in_processes(folder: Path, partial: Path, starts: list[int],
                  workers: int) -> Iterator[tuple[int, np.ndarray]]:
    # not a fork: the parent may have threads of OpenCV
    with ProcessPoolExecutor(workers, get_context('spawn'),
                             initializer=end_with_parent) as pool:
        tasks = [pool.submit(_align_part, folder, partial, start)
                 for start in starts]
        try:
            for task in as_completed(tasks):
                yield task.result()
        finally:
            for task in tasks:
                task.cancel()


def _align_part(folder: Path, partial: Path,
                start: int) -> tuple[int, np.ndarray]:
    """Align some clips; returns where they start and their PSNR."""
    cv2.setNumThreads(1)
    clips, truth = open_clips(folder)
    moved = open_memmap(partial, 'r+')
    scores = []
    for index in range(start, min(start + _PART, len(clips))):
        moved[index] = align_neighbours(np.asarray(clips[index]))
        error = clips[index, CENTRE].astype(np.float32) - truth[index]
        scores.append(10 * np.log10(
            255**2 / max(float(np.square(error).mean()), 1e-6)))
    moved.flush()
    return start, np.array(scores, np.float32)


def _fingerprint(clips: np.ndarray, truth: Path) -> str:
    """Changes with the clips, without reading all of them."""
    digest = hashlib.sha256(str(clips.shape).encode())
    for index in np.linspace(0, len(clips) - 1, 16).astype(int):
        digest.update(clips[index].tobytes())
    digest.update(str(truth.stat().st_size).encode())
    return digest.hexdigest()[:16]
