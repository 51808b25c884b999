"""What happens in clips and is no rain."""

import numpy as np
import pytest

from mmderain.synthesis.negatives import NEGATIVES, add_negative

CLIP = np.random.default_rng(0).integers(
    60, 180, (5, 48, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize('kind', NEGATIVES)
def test_each_kind_changes_a_copy(kind):
    before = CLIP.copy()
    # some are rare, or outside of the frame
    drawn = [NEGATIVES[kind](CLIP, np.random.default_rng(seed))
             for seed in range(8)]
    np.testing.assert_array_equal(CLIP, before)
    for clip in drawn:
        assert clip.shape == CLIP.shape and clip.dtype == np.uint8
    assert sum((clip != CLIP).any() for clip in drawn) >= 6
    again = NEGATIVES[kind](CLIP, np.random.default_rng(0))
    np.testing.assert_array_equal(again, drawn[0])


def test_sparks_are_in_one_frame_and_a_bar_moves_on():
    dark = np.full((5, 96, 96, 3), 20, np.uint8)
    sparks = NEGATIVES['sparks'](dark, np.random.default_rng(1)) > 150
    assert sparks.any() and not (sparks[0] & sparks[1]).sum() > (
        0.5 * sparks[0].sum())
    bars = NEGATIVES['bar'](dark, np.random.default_rng(3)) != dark
    places = [np.argwhere(bar[..., 0]).mean(0) for bar in bars if bar.any()]
    steps = np.hypot(*np.diff(places, axis=0).T)
    assert len(places) > 2 and steps.min() > 3


def test_light_changes_whole_frames():
    grey = np.full((5, 32, 32, 3), 100, np.uint8)
    levels = [NEGATIVES['light_change'](grey, np.random.default_rng(seed))
              .reshape(5, -1) for seed in range(12)]
    assert all(np.ptp(level, axis=1).max() == 0 for level in levels)
    assert sum(np.ptp(level) > 10 for level in levels) > 8


def test_which_kind_it_was_is_said():
    seen = {add_negative(CLIP, np.random.default_rng(seed))[1]
            for seed in range(80)}
    assert seen == set(NEGATIVES)
