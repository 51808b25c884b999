"""What goes into the place of a drop."""

import cv2
import numpy as np

from mmderain.models.lens_drops.blending import (
    Around,
    Filling,
    beside,
    blend,
    share_of,
)
from mmderain.models.lens_drops.fill import Hidden
from tests.test_models.test_lens_drops.helpers import DROPS, SIZE


def candidate(count, age):
    return (np.full((count, 3), 200, np.float32),
            np.full(count, age, np.int8))


def test_what_is_around_is_taken_where_it_is_plain():
    hidden = Hidden(DROPS)
    plain = np.full((*SIZE, 3), 40, np.uint8)
    around = beside(plain, hidden)
    np.testing.assert_allclose(around.pixels, 40, atol=0.01)
    assert around.variance.max() < 0.1
    unknown = candidate(len(hidden), -1)
    for found in (candidate(len(hidden), 1), unknown):
        filling = blend([found, unknown], around)
        assert filling.pixels.max() < 45 and filling.trust.min() > 0.89


def test_what_was_seen_is_taken_where_it_is_not():
    hidden = Hidden(DROPS)
    rng = np.random.default_rng(0)
    patches = cv2.resize(rng.integers(0, 2, (12, 16, 3), np.uint8) * 200,
                         SIZE[::-1], interpolation=cv2.INTER_NEAREST)
    around = beside(patches, hidden)
    assert around.variance.min() > 1000
    known, unknown = (candidate(len(hidden), age) for age in (1, -1))
    filling = blend([known, unknown], around)
    assert filling.pixels.min() > 170
    assert filling.trust[0] == np.float32(0.9)
    older = blend([candidate(len(hidden), 12), unknown], around)
    assert (older.pixels < filling.pixels).all()
    assert (older.variance > filling.variance).all()
    nothing = blend([unknown, unknown], around)
    np.testing.assert_allclose(nothing.pixels, around.pixels, atol=0.1)
    assert not nothing.trust.any()


def test_candidates_that_differ_are_not_sure():
    hidden = Hidden(DROPS)
    around = Around(np.full((len(hidden), 3), 100, np.float32),
                    np.full(len(hidden), 1e4, np.float32))
    one, other = (candidate(len(hidden), 1) for _ in range(2))
    agreed = blend([one, other], around)
    other[0][:] = 120
    differing = blend([one, other], around)
    assert (differing.variance > agreed.variance + 1000).all()


def test_a_filling_has_to_differ_by_more_than_it_may_err():
    hidden = Hidden(DROPS)
    shape = len(hidden), 3

    def share(difference, variance, trust=0.9):
        filling = Filling(np.full(shape, 100 + difference, np.float32),
                          np.full(len(hidden), trust, np.float32),
                          np.full(len(hidden), variance, np.float32))
        return share_of(filling, np.full(shape, 100, np.float32), hidden)

    assert share(40, 300).min() == 1
    assert share(15, 300).max() == 0
    assert 0 < share(18, 300).min() <= share(18, 300).max() < 1
    # what nobody has seen stays
    assert share(40, 300, 0).max() == 0


def test_variance_is_that_of_the_surroundings():
    noisy = np.random.default_rng(1).normal(100, 16, (24, 32, 3))
    frame = cv2.resize(noisy.clip(0, 255).astype(np.uint8), SIZE[::-1],
                       interpolation=cv2.INTER_NEAREST)
    found = beside(frame, Hidden(DROPS)).variance
    assert 100 < np.median(found) < 300
