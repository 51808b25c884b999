"""The luma conventions against their sources, on all 2^24 colours."""

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmderain.color import (
    rgb_to_luma,
    rgb_to_ycbcr,
    unrounded_matlab_luma,
    ycbcr_to_rgb,
)
from mmderain.errors import DataError

CONVENTIONS = ['pil', 'matlab', 'opencv']


@pytest.fixture(scope='module')
def colours() -> np.ndarray:
    """All 2^24 triples of bytes, as one image (4096, 4096, 3)."""
    index = np.arange(1 << 24, dtype=np.uint32).reshape(4096, 4096)
    return np.stack([index >> 16, index >> 8 & 255, index & 255],
                    axis=-1).astype(np.uint8)


def pil(image, source, target):
    size = image.shape[1::-1]
    return np.asarray(
        Image.frombytes(source, size, image.tobytes()).convert(target))


@pytest.mark.parametrize(('ours', 'source'), [
    (lambda x: rgb_to_ycbcr(x, 'pil'), lambda x: pil(x, 'RGB', 'YCbCr')),
    (lambda x: ycbcr_to_rgb(x, 'pil'), lambda x: pil(x, 'YCbCr', 'RGB')),
    (lambda x: rgb_to_ycbcr(x, 'opencv'),
     lambda x: cv2.cvtColor(x, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]]),
    (lambda x: ycbcr_to_rgb(x, 'opencv'),
     lambda x: cv2.cvtColor(np.ascontiguousarray(x[..., [0, 2, 1]]),
                            cv2.COLOR_YCrCb2RGB)),
], ids=['pil', 'pil back', 'opencv', 'opencv back'])
def test_equal_to_the_library_on_every_colour(ours, source, colours):
    for part in np.split(colours, 16):
        np.testing.assert_array_equal(ours(part), source(part))


def matlab_formula(image, matrix, offset):
    """MATLAB's definition in extended precision, before rounding."""
    value = image.astype(np.longdouble) @ np.asarray(matrix, np.longdouble).T
    return value + np.asarray(offset, np.longdouble)


BT601 = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.],
                  [112., -93.786, -18.214]])


def test_matlab_is_the_formula_rounded_halves_up(colours):
    ties = np.zeros(3, int)
    for part in np.split(colours, 64):  # extended precision takes memory
        exact = matlab_formula(part, BT601 / 255, [16, 128, 128])
        halves = np.abs(exact - np.floor(exact) - 0.5) < 1e-9
        ties += halves.sum((0, 1))
        expected = np.where(halves, np.ceil(exact), np.rint(exact))
        np.testing.assert_array_equal(rgb_to_ycbcr(part, 'matlab'), expected)
    assert list(ties) == [194, 0, 12]


def test_matlab_back_is_the_inverse_formula(colours):
    inverse = 255 * np.linalg.inv(BT601)
    offset = -inverse @ [16, 128, 128]
    # every 17th colour in both directions: 1/289 of them
    part = colours[::17, ::17]
    exact = np.clip(matlab_formula(part, inverse, offset), 0, 255)
    assert np.abs(exact - np.floor(exact) - 0.5).min() > 1e-9
    np.testing.assert_array_equal(ycbcr_to_rgb(part, 'matlab'),
                                  np.rint(exact))


@pytest.mark.parametrize('convention', CONVENTIONS)
def test_torch_equals_numpy(convention, colours):
    part = colours[::7, ::5]
    tensor = torch.from_numpy(part).permute(2, 0, 1)[None, None]
    for function in (rgb_to_ycbcr, ycbcr_to_rgb, rgb_to_luma):
        expected = function(part, convention)
        got = function(tensor, convention)
        assert got.dtype == torch.uint8
        np.testing.assert_array_equal(got[0, 0].permute(1, 2, 0), expected)


@pytest.mark.parametrize('convention', CONVENTIONS)
def test_luma_is_the_first_plane(convention, colours):
    part = colours[::50, ::50]
    luma = rgb_to_luma(part, convention)
    assert luma.shape == (*part.shape[:2], 1)
    np.testing.assert_array_equal(
        luma, rgb_to_ycbcr(part, convention)[..., :1])


def test_the_conventions_differ():
    white = np.full((1, 1, 3), 255, np.uint8)
    assert [int(rgb_to_luma(white, name)) for name in CONVENTIONS] == [
        255, 235, 255]
    # truncated by Pillow, rounded by OpenCV
    colour = np.array([[[0, 1, 0]]], np.uint8)
    assert int(rgb_to_luma(colour, 'pil')) == 0
    assert int(rgb_to_luma(colour, 'opencv')) == 1


@pytest.mark.parametrize(('image', 'word'), [
    (np.zeros((4, 4, 3), np.float32), 'float32'),
    (np.zeros((4, 4, 1), np.uint8), '(4, 4, 1)'),
    (np.zeros((3, ), np.uint8), '(3,)'),
    (torch.zeros(3, 4, 4), 'torch.float32'),
    (torch.zeros(4, 4, 3, dtype=torch.uint8), 'tensor (..., 3, h, w)'),
])
def test_other_images_are_refused(image, word):
    with pytest.raises(DataError) as error:
        rgb_to_luma(image, 'pil')
    assert word in str(error.value)


def test_an_unknown_convention_is_answered_with_the_known():
    with pytest.raises(DataError, match='pil, matlab, opencv'):
        rgb_to_luma(np.zeros((2, 2, 3), np.uint8), 'bt709')


def test_matlab_luma_that_is_not_rounded():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (64, 64, 3), np.uint8)
    exact = unrounded_matlab_luma(image)
    assert exact.shape == (64, 64, 1)
    weights = np.array([65.481, 128.553, 24.966])
    assert np.allclose(exact[..., 0], image / 255 @ weights + 16, atol=1e-12)
    assert np.abs(exact - rgb_to_luma(image, 'matlab')).max() <= 0.5
    with pytest.raises(DataError):
        unrounded_matlab_luma(image.astype(float))
