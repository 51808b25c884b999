"""What a codec does to a clip."""

import numpy as np

from mmderain.synthesis.coding import through_h264
from tests.helpers.videos import pictures


def test_a_clip_through_h264():
    frames = np.stack(pictures(9, size=(48, 64)))
    errors = []
    for crf in (10, 40):
        coded = through_h264(frames, crf)
        assert coded.shape == frames.shape and coded.dtype == np.uint8
        np.testing.assert_array_equal(coded, through_h264(frames, crf))
        errors.append(np.abs(coded - frames.astype(float)).mean())
    assert 0 < errors[0] < errors[1] < 40
