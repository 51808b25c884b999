"""Training samples out of rendered clips that are aligned already."""

from pathlib import Path

import numpy as np
import torch
from mmagic.registry import DATASETS
from mmagic.structures import DataSample
from torch.utils.data import Dataset

from mmderain.aligned_clips import (
    FRAMES,
    open_array,
    open_clips,
)
from mmderain.errors import DataError


@DATASETS.register_module()
class AlignedClipsDataset(Dataset):
    """Random crops of a folder of clips, mapped into memory.

    See ``mmderain.aligned_clips`` for the files. Nothing is decoded
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

    Raises:
        DataError: A file is missing or does not fit the others, or nothing is
            left.
    """

    METAINFO = dict(dataset_type='AlignedClips', task_name='deraining')

    def __init__(self, data_root: str, crop_size: int | None = 96,
                 augment: bool = True, min_psnr: float = 13.5,
                 max_clips: int | None = None) -> None:
        folder = Path(data_root)
        self.clips, self.truth = open_clips(folder)
        self.aligned = open_array(folder, 'aligned.npy', 5)
        scores = open_array(folder, 'psnr.npy', 1)
        if (self.aligned.shape[0] != len(self.clips)
                or self.aligned.shape[1:] != (FRAMES - 1,
                                              *self.clips.shape[2:])
                or len(scores) != len(self.clips)):
            raise DataError(
                f'{folder}: aligned.npy {self.aligned.shape} and psnr.npy '
                f'{scores.shape} do not fit clips.npy {self.clips.shape}. Run '
                'mmderain align-clips again.')
        self.indices = np.flatnonzero(scores[:max_clips] >= min_psnr)
        if not len(self.indices):
            raise DataError(f'{folder}: none of its clips has {min_psnr} dB '
                            'or more (min_psnr).')
        side = min(self.clips.shape[2:4])
        if crop_size is not None and crop_size > side:
            raise DataError(f'{folder}: clips of {self.clips.shape[2:4]} '
                            f'pixels have no crops of {crop_size}.')
        self.crop_size = crop_size
        self.augment = augment
        self.metainfo = dict(self.METAINFO)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> dict:
        """A sample.

        Returns:
            dict: ``inputs``, the rainy frames and after them the aligned
            neighbours, (9, 3, h, w); ``data_samples`` with ``gt_img``
            (1, 3, h, w); both uint8 RGB.
        """
        clip = int(self.indices[index])
        window = self._window()
        frames = np.concatenate([self.clips[clip][(slice(None), *window)],
                                 self.aligned[clip][(slice(None), *window)]])
        truth = self.truth[clip][window][None]
        if self.augment:
            frames, truth = _augmented(frames, truth)
        sample = DataSample(gt_img=_to_tensor(truth))
        sample.set_metainfo(dict(key=str(clip)))
        return dict(inputs=_to_tensor(frames), data_samples=sample)

    def _window(self) -> tuple[slice, slice]:
        height, width = self.clips.shape[2:4]
        size = self.crop_size
        if size is None:
            return slice(height), slice(width)
        top = np.random.randint(height - size + 1)
        left = np.random.randint(width - size + 1)
        return slice(top, top + size), slice(left, left + size)


def _augmented(frames: np.ndarray,
               truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    for axis in (1, 2):
        if np.random.rand() < 0.5:
            frames, truth = np.flip(frames, axis), np.flip(truth, axis)
    if np.random.rand() < 0.5:
        frames = np.concatenate([frames[:FRAMES][::-1],
                                 frames[FRAMES:][::-1]])
    return frames, truth


def _to_tensor(frames: np.ndarray) -> torch.Tensor:
    """(t, h, w, 3) to (t, 3, h, w), of its own memory."""
    return torch.from_numpy(
        np.ascontiguousarray(frames.transpose(0, 3, 1, 2)))
