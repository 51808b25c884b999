"""Crops of what is seen of clips with drops."""

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope

from mmderain.datasets import LensClipsDataset
from mmderain.errors import DataError
from tests.tiny import write_lens_clips


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return write_lens_clips(tmp_path_factory.mktemp('lens') / 'clips')


def test_whole_clips_are_the_arrays(folder):
    data = LensClipsDataset(str(folder), augment=False)
    planes, target = (np.load(folder / name)
                      for name in ('planes.npy', 'target.npy'))
    assert len(data) == len(planes)
    sample = data[3]
    assert torch.equal(sample['inputs'], torch.from_numpy(planes[3]))
    assert torch.equal(sample['data_samples'].gt_img,
                       torch.from_numpy(target[3]))


def test_crops_and_flips_keep_target_and_planes_together(folder):
    data = LensClipsDataset(str(folder), crop_size=24)
    # tiny.write_lens_clips marks what is covered in the first planes
    for index in range(20):
        sample = data[index % len(data)]
        planes, target = sample['inputs'], sample['data_samples'].gt_img
        assert planes.shape[1:] == target.shape[1:] == (24, 24)
        assert torch.equal(planes[0] > 100, target[0] > 0)


def test_colours_are_exchanged_alike_in_both_pictures(folder):
    data = LensClipsDataset(str(folder), crop_size=48)
    plain = LensClipsDataset(str(folder), augment=False)[0]['inputs'].float()
    sums = plain[-6:].mean((1, 2))
    orders = set()
    for _ in range(30):
        found = data[0]['inputs'].float()[-6:].mean((1, 2))
        order = [int((sums[:3] - value).abs().argmin())
                 for value in found[:3]]
        assert torch.allclose(found[3:], sums[3:][order])
        orders.add(tuple(order))
    assert len(orders) > 2


def test_what_does_not_fit_is_refused(folder, tmp_path):
    with DefaultScope.overwrite_default_scope('mmagic'):
        with pytest.raises(DataError, match='render-lens-clips makes it'):
            LensClipsDataset(str(tmp_path))
        with pytest.raises(DataError, match='no crops of 64'):
            LensClipsDataset(str(folder), crop_size=64)
        for name in ('planes.npy', 'target.npy'):
            np.save(tmp_path / name, np.load(folder / name))
        np.save(tmp_path / 'target.npy', np.zeros((2, 2, 48, 48), np.uint8))
        with pytest.raises(DataError, match='Render them again'):
            LensClipsDataset(str(tmp_path))
