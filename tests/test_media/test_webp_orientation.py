"""WebP images are turned as their Exif data say."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from mmderain.media.images import read_image


@pytest.mark.parametrize('prefix', [b'', b'Exif\0\0'])
@pytest.mark.parametrize('order', ['<', '>'])
@pytest.mark.parametrize('orientation', range(1, 9))
def test_as_pillow_turns_it(tmp_path, orientation, order, prefix):
    path = tmp_path / 'a.webp'
    image = Image.fromarray(np.random.default_rng(0).integers(
        0, 256, (20, 30, 3), np.uint8))
    exif = Image.Exif()
    exif.endian = order
    exif[0x010f], exif[0x0112] = 'maker', orientation
    image.save(path, lossless=True,
               exif=prefix + exif.tobytes().removeprefix(b'Exif\0\0'))

    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    np.testing.assert_array_equal(read_image(path), expected)
    assert expected.shape[0] == (20 if orientation < 5 else 30)


@pytest.mark.parametrize('exif', [
    b'', b'II*\0', b'II*\0\xff\0\0\0', b'MM\0*\0\0\0\x08\0\x09', b'rain'])
def test_damaged_data_tell_nothing(tmp_path, exif):
    path = tmp_path / 'a.webp'
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    Image.fromarray(image).save(path, lossless=True, exif=exif)
    np.testing.assert_array_equal(read_image(path), image)
