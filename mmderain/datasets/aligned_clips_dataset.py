"""Training samples out of rendered clips that are aligned already."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmagic.registry import DATASETS
from mmagic.structures import DataSample
from torch.utils.data import ConcatDataset, Dataset

from mmderain.datasets.aligned_clips import open_aligned, open_clips
from mmderain.datasets.clip_alignment import ClipAlignment
from mmderain.datasets.clip_crops import ClipCrops, as_tensor
from mmderain.errors import DataError
from mmderain.models.aligned_median.composed_flows import ALIGNMENTS
from mmderain.models.aligned_median.guide_planes import guide_planes, luma_of
from mmderain.models.aligned_median.window import CENTRE, FRAMES


@DATASETS.register_module()
class AlignedClipsDataset(Dataset):
    """Random crops of a folder of clips, mapped into memory.

    See ``mmderain.datasets.aligned_clips`` for the files. Nothing is decoded
    or aligned any more, and of a clip only the crop is read. A sample is
    flipped in both directions and, its neighbours in reverse order, in time,
    each with a chance of one half. Flow is not symmetric to the last bit: a
    flipped sample is what alignment would give but for that.

    Args:
        data_root: The folder.
        crop_size: Side of the crops in pixels; whole clips when None.
        augment: Flip and reverse.
        min_psnr: Leave out clips whose rainy frame has less.
        max_clips: Use so many clips, the first ones; all when None.
        alignment: How they are to have been aligned; see
            :func:`~mmderain.datasets.aligned_clips.align_clips`.
        guide: What is to have seen them first, as for that function.
        guide_share: How often it is shown; else the rainy frames stand for
            it, so that a network learns to do without.

    Raises:
        DataError: A file is missing or does not fit the others, or nothing is
            left.
    """

    METAINFO = dict(dataset_type='AlignedClips', task_name='deraining')

    def __init__(self, data_root: str, crop_size: int | None = 96,
                 augment: bool = True, min_psnr: float = 13.5,
                 max_clips: int | None = None,
                 alignment: str = ALIGNMENTS[0],
                 guide: str | None = None,
                 guide_share: float = 1.0) -> None:
        folder = Path(data_root)
        how = ClipAlignment(alignment, guide)
        clips, self.truth = open_clips(folder, how.frames)
        self.clips = how.window(clips)
        self.aligned, scores = open_aligned(folder, alignment, guide)
        self.indices = np.flatnonzero(scores[:max_clips] >= min_psnr)
        if not len(self.indices):
            best = float(scores[:max_clips].max(initial=0))
            raise DataError(f'{folder}: expected clips of {min_psnr} dB or '
                            f'more, got {best:.1f} dB at most. Lower '
                            'min_psnr, or render lighter rain.')
        self.crops = ClipCrops(folder, self.clips.shape[2:4], crop_size)
        self.augment = augment
        self.is_guided, self.guide_share = guide is not None, guide_share
        self.metainfo = dict(self.METAINFO)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> dict:
        """A sample.

        Returns:
            dict: ``inputs``, the rainy frames and after them the aligned
            neighbours, (9, 3, h, w), and with a guide what it shows, (10, 3,
            h, w); ``data_samples`` with ``gt_img``
            (1, 3, h, w); both uint8 RGB.
        """
        clip = int(self.indices[index])
        window = self.crops.draw()
        frames = np.concatenate([self.clips[clip][(slice(None), *window)],
                                 self.aligned[clip][(slice(None), *window)]])
        truth = self.truth[clip][window][None]
        if self.is_guided and np.random.rand() >= self.guide_share:
            frames[-1] = _rainy_guide(frames[:-1])
        if self.augment:
            frames, truth = _augmented(frames, truth)
        sample = DataSample(gt_img=_to_tensor(truth))
        sample.set_metainfo(dict(key=str(clip)))
        return dict(inputs=_to_tensor(frames), data_samples=sample)


@DATASETS.register_module()
class AlignedClipSets(ConcatDataset):
    """Several folders of clips as one set.

    Args:
        data_roots: The folders.
        **options: As for :class:`AlignedClipsDataset`.

    Raises:
        DataError: As for that class.
    """

    def __init__(self, data_roots: Sequence[str], **options: Any) -> None:
        super().__init__([AlignedClipsDataset(root, **options)
                          for root in data_roots])
        self.metainfo = dict(AlignedClipsDataset.METAINFO)


def _rainy_guide(frames: np.ndarray) -> np.ndarray:
    """What a guide would show that leaves the rain, (h, w, 3).

    Args:
        frames: Five rainy frames and the neighbours moved, (9, h, w, 3).
    """
    centre, *moved = luma_of(frames[[CENTRE, *range(FRAMES, len(frames))]])
    return guide_planes(centre, moved).transpose(1, 2, 0)


def _augmented(frames: np.ndarray,
               truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    for axis in (1, 2):
        if np.random.rand() < 0.5:
            frames, truth = np.flip(frames, axis), np.flip(truth, axis)
    if np.random.rand() < 0.5:
        moved = slice(FRAMES, 2 * FRAMES - 1)
        frames = np.concatenate([frames[:FRAMES][::-1], frames[moved][::-1],
                                 frames[moved.stop:]])
    return frames, truth


def _to_tensor(frames: np.ndarray) -> torch.Tensor:
    """(t, h, w, 3) to (t, 3, h, w)."""
    return as_tensor(frames.transpose(0, 3, 1, 2))
