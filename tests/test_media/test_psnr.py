"""PSNR by hand."""

import math

import numpy as np
import pytest

from mmderain.media.psnr import psnr


@pytest.mark.parametrize(('difference', 'expected'), [
    (np.full((4, 5), 255.0), 0),
    (np.full((4, 5, 3), -25.5, np.float32), 20),
    # half the pixels off by one level
    (np.array([1.0, 0.0]), 10 * math.log10(2 * 255**2)),
    (np.zeros(3), math.inf)])
def test_of_known_differences(difference, expected):
    assert psnr(difference) == pytest.approx(expected, abs=1e-5)


def test_the_most_there_can_be():
    assert psnr(np.zeros(3), 99) == 99
    assert psnr(np.full(3, 1e-6), 99) == 99
    assert psnr(np.full(3, 255.0), 99) == 0
