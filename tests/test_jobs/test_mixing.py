"""Mixing input and result."""

import os

import cv2
import numpy as np
import pytest

from mmderain.errors import DataError, UserError
from mmderain.jobs.mixing import Mixer


@pytest.mark.parametrize('strength, leave_below, said', [
    (float('nan'), 0, '--strength nan'), (1.1, 0, '--strength 1.1'),
    (-0.1, 0, '--strength -0.1'), (1, float('nan'), '--leave-below nan'),
    (1, float('inf'), '--leave-below inf'), (1, -1, '--leave-below -1')])
def test_numbers_that_cannot_be(strength, leave_below, said):
    with pytest.raises(UserError, match=said):
        Mixer(strength, leave_below, None, (4, 4))


def test_a_mask_of_transparency_alone_is_refused(tmp_path):
    mask = np.zeros((4, 4, 4), np.uint8)
    mask[1:3, 1:3, 3] = 255  # drawn in black on a layer
    cv2.imwrite(str(tmp_path / 'mask.png'), mask)
    with pytest.raises(DataError, match=r'mask.png: .* with transparency'):
        Mixer(1, 0, tmp_path / 'mask.png', (4, 4))
    mask[..., :3] = mask[..., 3:]
    mask[..., 3] = 255
    cv2.imwrite(str(tmp_path / 'mask.png'), mask)
    assert Mixer(1, 0, tmp_path / 'mask.png', (4, 4)).free.sum() == 12


def test_a_mask_may_have_any_name(tmp_path):
    """OpenCV crashes on names that are not in UTF-8."""
    mask = np.zeros((4, 4, 3), np.uint8)
    path = tmp_path / os.fsdecode(b'mask\xff.png')
    path.write_bytes(cv2.imencode('.png', mask)[1].tobytes())
    assert Mixer(1, 0, path, (4, 4)).free.sum() == 16
