"""What is named of images that cannot be kept."""

import numpy as np
import pytest
from PIL import Image

from mmderain.media.losses import image_losses


@pytest.mark.parametrize('turn', [1, 6])
def test_a_tiff_of_16_bits_that_is_turned(tmp_path, capfd, turn):
    path = tmp_path / 'a.tif'
    levels = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 20
    Image.fromarray(levels).save(path, tiffinfo={274: turn})
    assert image_losses(path) == ['not kept: more than 8 bits']
    assert not capfd.readouterr().err


def test_what_cannot_be_read_is_told_elsewhere(tmp_path):
    (tmp_path / 'empty.png').touch()
    for name in ('none.png', 'empty.png'):
        assert image_losses(tmp_path / name) == []
