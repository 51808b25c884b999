"""Neighbours come to lie on the centre frame."""

import cv2
import numpy as np
import pytest

from mmderain.errors import DataError
from mmderain.models.aligned_median.alignment import align_neighbours


def pan(size=(96, 128), step=3, frames=5):
    """A smooth picture that moves, with noise of its own in each frame."""
    rng = np.random.default_rng(0)
    picture = cv2.resize(rng.integers(0, 256, (9, 14, 3), np.uint8),
                         (size[1] + step * frames, size[0]),
                         interpolation=cv2.INTER_CUBIC)
    return np.stack([picture[:, step * index:step * index + size[1]]
                     for index in range(frames)])


def difference(frames, centre):
    inner = (slice(None), slice(16, -16), slice(16, -16))
    return np.abs(frames.astype(int) - centre)[inner].mean()


@pytest.mark.parametrize('workers', [1, 4])
def test_a_pan_is_undone(workers):
    window = pan()
    moved = align_neighbours(window, workers=workers)
    assert moved.shape == (4, 96, 128, 3) and moved.dtype == np.uint8
    assert difference(window[[0, 1, 3, 4]], window[2]) > 5
    assert difference(moved, window[2]) < 0.5


def test_threads_change_nothing():
    window = pan()
    np.testing.assert_array_equal(align_neighbours(window),
                                  align_neighbours(window, workers=4))


def test_the_order_is_that_of_time():
    window = pan(step=0)
    window = window // 2 + np.arange(5, dtype=np.uint8)[:, None, None, None]
    moved = align_neighbours(window)
    np.testing.assert_array_equal(moved[:, 40, 60],
                                  window[[0, 1, 3, 4], 40, 60])


def test_the_flow_is_the_guide_s():
    guide = pan()
    window = np.random.default_rng(1).integers(0, 256, guide.shape, np.uint8)
    still = align_neighbours(window, guide=np.repeat(guide[2:3], 5, axis=0))
    np.testing.assert_array_equal(still, window[[0, 1, 3, 4]])
    # another picture that moves as the guide's
    window = pan()[:, ::-1]
    moved = align_neighbours(window, guide=guide)
    assert difference(moved, window[2]) < 0.5


@pytest.mark.parametrize('size', [(1, 1), (7, 9), (8, 40), (12, 300),
                                  (33, 35)])
def test_any_size(size):
    """OpenCV refuses some of them, and crashes on others."""
    rng = np.random.default_rng(0)
    window = rng.integers(0, 256, (5, *size, 3), np.uint8)
    assert align_neighbours(window).shape == (4, *size, 3)
    still = np.repeat(window[:1], 5, axis=0)
    np.testing.assert_array_equal(align_neighbours(still), still[:4])


def test_what_it_takes_is_said():
    with pytest.raises(DataError, match=r'odd number .* got \(4, 8, 8, 3\)'):
        align_neighbours(np.zeros((4, 8, 8, 3), np.uint8))
    with pytest.raises(DataError, match='of float64'):
        align_neighbours(np.zeros((5, 8, 8, 3)))
    window = np.zeros((5, 8, 8, 3), np.uint8)
    with pytest.raises(DataError, match='guide is'):
        align_neighbours(window, guide=window[:, :4])
