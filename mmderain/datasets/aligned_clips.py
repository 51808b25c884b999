"""Folders of rendered clips, as arrays: what is in them, and the alignment.

=================== ======================= ==================================
file                shape, uint8            content
=================== ======================= ==================================
``clips.npy``       (N, 5, h, w, 3)         rainy clips, RGB; with a guide
                                            (N, 9, h, w, 3), for it to see
``truth.npy``       (N, h, w, 3)            the clean frame in the middle
``aligned.npy``     (N, 4, h, w, 3)         the rainy neighbours, moved to it;
                                            with a guide (N, 5, h, w, 3): what
                                            ``guide_planes`` shows comes last
``psnr.npy``        (N,), float32           of the rainy frame in the middle
=================== ======================= ==================================

The renderer writes the first two, and in ``meta.json`` what they are;
:func:`align_clips` writes the others, and in ``aligned.txt`` of which clips.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.lib.format import open_memmap
from tqdm import tqdm

from mmderain.datasets.clip_alignment import KINDS, ClipAlignment
from mmderain.datasets.clip_arrays import open_array, reserve_arrays, write_row
from mmderain.errors import DataError
from mmderain.files import parse_json, write_whole
from mmderain.folder_lock import alone_in
from mmderain.media.psnr import psnr
from mmderain.models.aligned_median.window import ALIGNMENTS, FRAMES
from mmderain.processes import in_processes
from mmderain.unwritten import cannot_write

_ALIGNED, _SCORES, _STAMP = 'aligned.npy', 'psnr.npy', 'aligned.txt'
_PARTIAL = '.partial.npy'
_DIGITS = 16  # of what clips and alignment are known by
_PART = 32  # clips that a process aligns before it reports
_MOST_PSNR = 10 * np.log10(255**2 / 1e-6)  # of equal frames
_SAMPLES = 64  # clips that are looked at to tell sets apart


def open_clips(folder: Path, frames: int = FRAMES
               ) -> tuple[np.ndarray, np.ndarray]:
    """The rainy clips and the truth of a folder.

    Args:
        folder: Of the renderer.
        frames: How many a clip has to have.

    Raises:
        DataError: One is missing, or they do not fit each other.
    """
    clips = open_array(folder, 'clips.npy', 5, 'mmderain render-clips')
    truth = open_array(folder, 'truth.npy', 4, 'mmderain render-clips')
    count, _, height, width, _ = clips.shape
    if (clips.shape != (count, frames, height, width, 3)
            or truth.shape != (count, height, width, 3)
            or {clips.dtype, truth.dtype} != {np.dtype(np.uint8)}):
        raise DataError(
            f'{folder}: expected clips.npy (N, {frames}, h, w, 3) and '
            f'truth.npy (N, h, w, 3) of uint8, got {clips.shape} of '
            f'{clips.dtype} and {truth.shape} of {truth.dtype}. How many '
            'frames clips have is num_frames of the settings of mmderain '
            'render-clips.')
    return clips, truth


def open_aligned(folder: Path, alignment: str = ALIGNMENTS[0],
                 guide: str | None = None
                 ) -> tuple[np.ndarray, np.ndarray]:
    """The moved neighbours and the PSNR of a folder.

    Args:
        folder: That was given to :func:`align_clips`.
        alignment: How they are to have been moved.
        guide: What is to have seen them first.

    Raises:
        DataError: One is missing, or they are of other clips, or were moved
            in another way.
    """
    how = ClipAlignment(alignment, guide)
    clips, truth = open_clips(folder, how.frames)
    aligned, scores = _open_both(folder)
    kind = _finished_kind(folder, clips, truth)
    if kind == how:
        return aligned, scores
    wanted = (f'{folder}: expected the alignment {how} of its '
              f'{len(clips)} clips, but ')
    if kind is None:
        raise DataError(
            f'{wanted}{_ALIGNED} {aligned.shape} and {_SCORES} '
            f'{scores.shape} were made of others. Run mmderain align-clips '
            f'{how.options} again.')
    raise DataError(
        f'{wanted}{kind} is there, and a network of {kind} alone is '
        'trained on it. Copy the clips into another folder and run mmderain '
        f'align-clips {how.options} on that.')


def forget_alignment(folder: Path) -> None:
    """Remove what :func:`align_clips` has written, whole or in part.

    Raises:
        DataError: It is not known whether that has written what is there.
    """
    _check_ours(folder)
    # the stamp last: by it the others are known as ours
    for path in alignment_files(folder):
        path.unlink(missing_ok=True)


def alignment_files(folder: Path) -> list[Path]:
    """What an alignment consists of, whether it is there or not."""
    return [folder / _ALIGNED, folder / _SCORES, *_unfinished(folder),
            folder / _STAMP]


def _unfinished(folder: Path) -> list[Path]:
    """Alignments that are not whole, and no file of anybody else."""
    digest = '[0-9a-f]' * _DIGITS
    return [path for name in ('aligned', 'psnr')
            for path in folder.glob(f'{name}_{digest}{_PARTIAL}')]


def align_clips(folder: Path, workers: int = 1,
                alignment: str = ALIGNMENTS[0],
                spread: Callable | None = None,
                overwrite: bool = False, guide: str | None = None) -> int:
    """Align the clips of a folder; resumes where an earlier call stopped.

    Args:
        folder: Gets ``aligned.npy`` and ``psnr.npy``.
        workers: Processes.
        spread: What calls a function with many items; None for these
            processes, see :func:`~mmderain.processes.in_processes`.
        alignment: One of
            :data:`~mmderain.models.aligned_median.composed_flows.ALIGNMENTS`,
            that of the network which is trained.
        overwrite: Replace a finished alignment of these clips that is of
            another kind.
        guide: That of the network, a name of shipped weights; see
            :class:`~mmderain.datasets.clip_alignment.ClipAlignment`.

    Returns:
        int: Clips that were aligned by this call; 0 when all were before.

    Raises:
        UserError: The clips cannot be read, are not all rendered, are aligned
            in another way, or there is no place for the alignment.
    """
    how = ClipAlignment(alignment, guide)
    clips, truth = open_clips(folder, how.frames)
    try:
        with alone_in(folder):
            kind = _finished_kind(folder, clips, truth)
            if kind == how:
                # of a call that was killed at its very end
                for left in _unfinished(folder):
                    left.unlink()
                return 0
            if kind is not None and not overwrite:
                raise DataError(
                    f'{folder}: expected no alignment of its clips, or '
                    f'{how}, got {kind}, which is finished. Copy '
                    'the clips (clips.npy, truth.npy, meta.json) into another '
                    f'folder for {how}, or add --overwrite to replace '
                    f'{kind}.')
            return _align(folder, clips,
                          _fingerprint(folder, clips, truth, how), how,
                          spread or partial(in_processes, workers=workers))
    except OSError as error:
        raise cannot_write(folder, error) from error


def _open_both(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    return (open_array(folder, _ALIGNED, 5, 'mmderain align-clips'),
            open_array(folder, _SCORES, 1, 'mmderain align-clips'))


def _finished_kind(folder: Path, clips: np.ndarray,
                   truth: np.ndarray) -> ClipAlignment | None:
    """Which alignment of these clips is there, and whole; None if none is."""
    stamp = _stamp(folder)
    kind = stamp and next((
        kind for kind in KINDS if kind.frames == clips.shape[1]
        and stamp == _fingerprint(folder, clips, truth, kind)), None)
    if not kind:
        return None
    try:
        aligned, scores = _open_both(folder)
    except DataError:
        return None
    count, _, *sides = clips.shape
    is_whole = (aligned.shape == (count, kind.pictures, *sides)
                and scores.shape == (count, ))
    return kind if is_whole else None


def _align(folder: Path, clips: np.ndarray, name: str,
           alignment: ClipAlignment, spread: Callable) -> int:
    # named after the clips: what belongs to other ones is not continued
    moved = folder / f'aligned_{name}{_PARTIAL}'
    scores = folder / f'psnr_{name}{_PARTIAL}'
    if not (moved.is_file() and scores.is_file()):
        forget_alignment(folder)
        reserve_arrays(folder, {
            moved.name: (len(clips), alignment.pictures, *clips.shape[2:])})
        # not a number: not done yet; last, as both are continued then
        np.save(scores, np.full(len(clips), np.nan, np.float32))
    rows = open_memmap(scores, 'r+')
    left = [start for start in range(0, len(clips), _PART)
            if np.isnan(rows[start:start + _PART]).any()]
    todo = sum(len(rows[start:start + _PART]) for start in left)
    with tqdm(total=len(clips), initial=len(clips) - todo, unit='clip',
              desc='aligning') as bar:
        for start, values in spread(
                partial(_align_part, folder, moved, alignment), left):
            rows[start:start + len(values)] = values
            rows.flush()
            bar.update(len(values))
    write_whole(folder / _STAMP, name + '\n')
    shutil.copyfile(scores, folder / _SCORES)
    # last: with it the alignment is whole
    moved.replace(folder / _ALIGNED)
    scores.unlink()
    return todo


def _align_part(folder: Path, target: Path, alignment: ClipAlignment,
                start: int) -> tuple[int, np.ndarray]:
    """Align some clips; returns where they start and their PSNR."""
    cv2.setNumThreads(1)
    clips, truth = open_clips(folder, alignment.frames)
    scores = []
    for index in range(start, min(start + _PART, len(clips))):
        clip = np.array(clips[index])
        write_row(target, index, alignment(clip))
        scores.append(psnr(clip[len(clip) // 2].astype(np.float32)
                           - truth[index], _MOST_PSNR))
    return start, np.array(scores, np.float32)


def _check_ours(folder: Path) -> None:
    """What is there under the names of an alignment is one."""
    for name in (_ALIGNED, _SCORES):
        if os.path.lexists(folder / name) and _stamp(folder) is None:
            raise DataError(
                f'{folder / name}: expected the alignment of earlier clips, '
                f'but there is no {_STAMP} beside it, so it is not known '
                'whose it is. Move it away.')


def _stamp(folder: Path) -> str | None:
    """Of which clips the alignment is; see :func:`_fingerprint`."""
    path = folder / _STAMP
    return path.read_text().strip() if path.is_file() else None


def _fingerprint(folder: Path, clips: np.ndarray, truth: np.ndarray,
                 alignment: ClipAlignment) -> str:
    """Changes with clips and alignment, without reading all of them.

    Raises:
        DataError: The renderer has not finished.
    """
    digest = hashlib.sha256(str(clips.shape).encode())
    digest.update(alignment.mark.encode())
    record = folder / 'meta.json'
    if record.is_file():
        try:
            made_by = parse_json(record.read_text(encoding='utf-8'))
            made_by.pop('summary')
        except (ValueError, KeyError, AttributeError) as error:
            raise DataError(
                f'{record}: expected the record of a finished set, got that '
                'of one whose rendering was stopped. Run mmderain '
                'render-clips again; it resumes where it was.') from error
        digest.update(json.dumps(made_by, sort_keys=True).encode())
    for index in np.linspace(0, len(clips) - 1, _SAMPLES).astype(int):
        digest.update(clips[index].tobytes())
        digest.update(truth[index].tobytes())
    return digest.hexdigest()[:_DIGITS]
