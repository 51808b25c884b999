"""Which of what was found counts as a drop."""

import numpy as np

from mmderain.models.lens_drops.drop_mask import (
    count_drops,
    sure_drops,
    with_sliding,
)
from tests.test_models.test_lens_drops.helpers import DROPS, SIZE


def test_a_drop_has_to_be_sure_in_a_tenth_of_it():
    found = np.zeros(SIZE, np.float32)
    found[10:20, 10:20] = 0.6
    found[15, 10:19] = 0.9
    found[50:60, 50:60] = 0.6
    found[55, 50:60] = 0.9
    drops = sure_drops(found)
    assert not drops[:30, :30].any()
    assert drops[50:60, 50:60].all() and drops.sum() == 100


def test_no_drop_is_a_ring():
    found = np.zeros((180, 320), np.float32)
    found[20:40, 20:40] = 0.9  # a drop of which the rim was found
    found[25:35, 25:35] = 0.1
    found[60:160, 60:260] = 0.9  # a frame around something larger
    found[64:156, 64:256] = 0.1
    found[0:9, 0:12] = 0.9  # a rim that is cut by the border
    found[0:5, 0:8] = 0.1
    drops = sure_drops(found)
    assert drops[20:40, 20:40].all()
    assert not drops[64:156, 64:256].any()
    assert not drops[0:5, 0:8].any()


def test_what_slides_hides_all_that_it_comes_over():
    drops = np.zeros(SIZE, bool)
    drops[70:80, 20:30] = True
    found = np.zeros(SIZE, np.float32)
    found[30:40, 60:70] = 0.9
    found[72:82, 20:30] = 0.9  # which was found
    found[5:15, 5:15] = 0.6  # which is not sure
    with_more = with_sliding(drops, found)
    expected = drops.copy()
    expected[27:43, 60:70] = True  # .75 x 3.5 rows above and below
    np.testing.assert_array_equal(with_more, expected)


def test_where_all_seems_to_slide_nothing_does():
    assert (with_sliding(DROPS, np.ones(SIZE, np.float32)) == DROPS).all()


def test_drops_are_counted():
    assert count_drops(DROPS.astype(np.float32)) == 2
    assert count_drops(np.zeros(SIZE, np.float32)) == 0
