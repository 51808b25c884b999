"""Training samples out of rendered clips with drops on the lens."""

from pathlib import Path

import numpy as np
from mmagic.registry import DATASETS
from mmagic.structures import DataSample
from torch.utils.data import Dataset

from mmderain.datasets.clip_arrays import open_array
from mmderain.datasets.clip_crops import ClipCrops, as_tensor
from mmderain.errors import DataError

_COLOURS = 3


@DATASETS.register_module()
class LensClipsDataset(Dataset):
    """Random crops of what ``mmderain render-lens-clips`` has rendered.

    A sample is flipped in both directions with a chance of one half each, and
    its colours are exchanged as often.

    Args:
        data_root: The folder, with ``planes.npy`` and ``target.npy``.
        crop_size: Side of the crops in pixels; whole clips when None.
        augment: Flip and exchange.

    Raises:
        DataError: A file is missing or does not fit the other.
    """

    METAINFO = dict(dataset_type='LensClips', task_name='deraining')

    def __init__(self, data_root: str, crop_size: int | None = None,
                 augment: bool = True) -> None:
        folder = Path(data_root)
        self.planes, self.target = (
            open_array(folder, name, 4, 'mmderain render-lens-clips')
            for name in ('planes.npy', 'target.npy'))
        sizes = [array.shape[:1] + array.shape[2:]
                 for array in (self.planes, self.target)]
        if sizes[0] != sizes[1] or not len(self.planes):
            raise DataError(
                f'{folder}: expected planes.npy (N, p, h, w) and target.npy '
                f'(N, 2, h, w), got {self.planes.shape} and '
                f'{self.target.shape}. Render them again.')
        self.crops = ClipCrops(folder, self.planes.shape[2:], crop_size)
        self.augment = augment
        self.metainfo = dict(self.METAINFO)

    def __len__(self) -> int:
        return len(self.planes)

    def __getitem__(self, index: int) -> dict:
        """A sample.

        Returns:
            dict: ``inputs``, the planes (p, h, w); ``data_samples`` with
            ``gt_img`` (2, h, w), how much is covered and where that counts;
            both uint8.
        """
        window = slice(None), *self.crops.draw()
        planes = np.array(self.planes[index][window])
        target = np.array(self.target[index][window])
        if self.augment:
            for axis in (1, 2):
                if np.random.rand() < 0.5:
                    planes, target = (np.flip(array, axis)
                                      for array in (planes, target))
            if np.random.rand() < 0.5:
                order = np.random.permutation(_COLOURS)
                # of the mean and of the picture, which are the last planes
                for end in (len(planes), len(planes) - _COLOURS):
                    part = slice(end - _COLOURS, end)
                    planes[part] = planes[part][order]
        sample = DataSample(gt_img=as_tensor(target))
        sample.set_metainfo(dict(key=str(index)))
        return dict(inputs=as_tensor(planes), data_samples=sample)
