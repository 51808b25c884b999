import cv2
import numpy as np
import pytest

from mmderain.datasets.mask_from_pair import raindrop_mask
from mmderain.errors import UserError


def pair(*differences):
    """A row of grey pixels that differ by (r, g, b) each."""
    clean = np.full((1, len(differences), 3), 100, np.uint8)
    return (clean + np.array(differences)[None]).astype(np.uint8), clean


def test_the_default_is_the_largest_channel_above_30():
    rainy, clean = pair((0, 0, 0), (30, 30, 30), (31, 0, 0), (0, 0, -31))
    assert raindrop_mask(rainy, clean).tolist() == [[0, 0, 255, 255]]
    assert raindrop_mask(clean, rainy).tolist() == [[0, 0, 255, 255]]


@pytest.mark.parametrize('reduction, threshold, expected', [
    ('max', 29, [255, 255, 0]),
    # MaybeShewill's: a sum of 35 or more
    ('sum', 34, [0, 255, 255]),
    # 7568's: a mean above 28, not rounded
    ('mean', 28, [0, 255, 0])])
def test_reductions_of_the_reimplementations(reduction, threshold, expected):
    rainy, clean = pair((30, 0, 4), (30, 30, 25), (12, 12, -11))
    mask = raindrop_mask(rainy, clean, threshold, reduction)
    assert mask.tolist() == [expected]


def test_no_channel_overflows():
    white = np.full((1, 1, 3), 255, np.uint8)
    black = np.zeros_like(white)
    assert raindrop_mask(white, black, 764, 'sum').max() == 255
    assert raindrop_mask(white, black, 765, 'sum').max() == 0
    assert raindrop_mask(white[..., 0], black[..., 0], 254).max() == 255


def test_morphology_fills_holes_and_removes_specks():
    clean = np.zeros((40, 40, 3), np.uint8)
    rainy = cv2.circle(clean.copy(), (20, 20), 9, (200, 200, 200), -1)
    whole = raindrop_mask(rainy, clean)
    rainy[20, 20] = 0  # a hole
    rainy[3, 3] = 200  # a speck
    raw = raindrop_mask(rainy, clean)
    assert raw[20, 20] == 0 and raw[3, 3] == 255
    mended = raindrop_mask(rainy, clean, morphology=5)
    assert mended[20, 20] == 255 and mended[3, 3] == 0
    assert (mended != whole).mean() < 0.01
    assert set(np.unique(mended)) == {0, 255}


@pytest.mark.parametrize('options, message', [
    (dict(reduction='median'), "one of max, mean, sum, got 'median'"),
    (dict(threshold=-1), 'threshold: .* from 0 to 255 .* got -1'),
    (dict(morphology=-3), 'morphology: .* got -3')])
def test_wrong_options_are_named(options, message):
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(UserError, match=message):
        raindrop_mask(image, image, **options)


def test_other_images_are_refused():
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(UserError, match=r'\(4, 4, 3\) and \(4, 2, 3\)'):
        raindrop_mask(image, image[:, :2])
    with pytest.raises(UserError, match='uint8 images, got float64'):
        raindrop_mask(image / 255, image)
