"""Where drops are looked for, and how often."""

import numpy as np
import pytest

from mmderain.models.lens_drops.search import found_drops
from mmderain.models.lens_drops.statistics import BLOCK, PLANES
from tests.test_models.test_lens_drops.helpers import (
    DROPS,
    SIZE,
    find_none,
    pan,
)


class FindsSliding:
    """Sees what stands and, every other time, one that slides."""

    def __init__(self):
        self.asked = 0

    def __call__(self, planes):
        assert planes.shape == (PLANES, *SIZE)
        self.asked += 1
        cover = DROPS.astype(np.float32)
        if self.asked % 2 == 0:
            cover[50:60, 100:110] = 1
        return cover


@pytest.mark.parametrize('count', [5, 8])
def test_what_slides_is_found_beside_what_stands(count):
    blocks = list(found_drops(pan(BLOCK * count), find := FindsSliding()))
    assert find.asked == 2 * count
    for frames, drops in blocks:
        assert len(frames) == BLOCK
        assert drops[DROPS].all() and drops[50:60, 100:110].all()
        assert not drops[:20].any()


def test_where_nothing_stands_nothing_slides():
    asked = []
    blocks = list(found_drops(pan(BLOCK * 5), lambda planes: (
        asked.append(1), find_none(planes))[1]))
    assert len(asked) == 5
    assert not any(drops.any() for _, drops in blocks)
