"""How what a frame lost is found again."""

import numpy as np
import torch

from mmderain.models.aligned_median import removed_layer


def test_what_repeats_itself():
    """A grid; but not streaks, of which two are as far apart as others."""
    def found(places, size=(80, 120)):
        plane = torch.zeros(size)
        plane[:, list(places)] = 0.1
        return removed_layer.repetition(removed_layer.layer_of(plane))

    assert found(np.arange(3, 120, 10)) > 0.8
    assert found(np.arange(3, 120, 16)) > 0.7
    # farther than is looked, and nearer than streaks overlap
    assert found(np.arange(3, 120, 40)) < 0.4
    assert found([20, 52]) < 0.1 and found([20, 40, 60]) < 0.4
    rng = np.random.default_rng(0)
    assert max(found(rng.choice(120, 9, replace=False))
               for _ in range(20)) < 0.4


def test_the_same_motion_twice_is_steady():
    one, near, far = (removed_layer.Motion(*item) for item in (
        (0.4, (0, 6)), (0.3, (1, 5)), (0.9, (0, 8))))
    assert removed_layer.steady_correlation(one, near) == 0.3
    assert removed_layer.steady_correlation(one, far) == 0
