"""Images of several frames are refused, floating point is read as it is."""

import cv2
import numpy as np
import pytest
from PIL import Image

from mmderain.errors import DataError
from mmderain.media.images import read_image
from tests.helpers.videos import pictures

# OpenCV's own choice would store other numbers
EXACT = [cv2.IMWRITE_TIFF_COMPRESSION, 1]


@pytest.mark.parametrize('suffix', ['.tif', '.webp', '.png'])
def test_several_frames_are_refused(tmp_path, suffix):
    path = tmp_path / f'a{suffix}'
    first, *others = map(Image.fromarray, pictures(3))
    first.save(path, save_all=True, append_images=others)
    with pytest.raises(DataError, match='one image, but it holds 3 frames.*'
                       'into a folder'):
        read_image(path)
    first.save(path, lossless=True)
    np.testing.assert_array_equal(read_image(path), pictures(1)[0])


def test_a_small_copy_of_the_picture_is_no_second_frame(tmp_path):
    path = tmp_path / 'a.tif'
    picture = Image.fromarray(pictures(1)[0])
    picture.save(path, save_all=True, append_images=[picture.resize((8, 6))])
    np.testing.assert_array_equal(read_image(path), pictures(1)[0])


@pytest.mark.parametrize('shape', ['grey', 'colour'])
def test_floating_point_is_from_0_to_1(tmp_path, shape):
    path = tmp_path / 'a.tiff'
    levels = pictures(1)[0]
    if shape == 'grey':
        levels = np.repeat(levels[..., :1], 3, axis=2)
    stored = levels[..., ::-1].astype(np.float32) / 255
    cv2.imwrite(str(path), stored if shape == 'colour' else stored[..., 0],
                EXACT)
    np.testing.assert_array_equal(read_image(path), levels)


@pytest.mark.parametrize(('value', 'says'), [
    (np.nan, 'NaN'), (np.inf, 'infinite'), (2, 'from 0 to 2'),
    (-1, 'from -1 to')])
def test_other_numbers_are_refused(tmp_path, value, says):
    path = tmp_path / 'a.tif'
    image = np.zeros((6, 8, 3), np.float32)
    image[2, 3] = value
    cv2.imwrite(str(path), image, EXACT)
    with pytest.raises(DataError, match=says):
        read_image(path)


def test_16_bits_stay_what_they_were(tmp_path):
    path = tmp_path / 'a.tif'
    cv2.imwrite(str(path), np.full((6, 8, 3), 200 * 257, np.uint16))
    assert (read_image(path) == 200).all()


def test_whole_numbers_of_other_sizes_are_named(tmp_path):
    path = tmp_path / 'a.tif'
    cv2.imwrite(str(path), np.full((6, 8), 70_000, np.int32), EXACT)
    with pytest.raises(DataError, match='8 or 16 bits.*got int32'):
        read_image(path)
