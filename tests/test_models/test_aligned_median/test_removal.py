"""What cannot have been rain of what was removed from one frame."""

import torch

from mmderain.models.aligned_median import removal
from tests.test_models.test_aligned_median.test_streak_guard import (
    SIZE,
    streaks,
)


def test_rain_is_brighter():
    frame = torch.full((1, 1, 2, 2), 0.5)
    level = 1 / 255
    for change, expected in ((-90, 0), (0, 0), (2, 0), (12, 10)):
        torch.testing.assert_close(
            removal.brightening(frame + change * level, frame),
            torch.full_like(frame, expected * level))


def test_what_was_never_seen_so_dark():
    seen = torch.tensor([0.5, 0.3, 0.6]).view(1, 3, 1, 1, 1)
    for restored, expected in ((0.4, 0), (0.3, 0), (0.1, 0.2)):
        torch.testing.assert_close(
            removal.undercut(torch.full((1, 1, 1, 1), restored), seen),
            torch.full((1, 1, 1, 1), float(expected)))


def test_streaks_are_thin():
    assert removal.wide_removal(streaks(0)).max() == 0
    # an area is found as it is, but for the edges of blocks
    plane = torch.zeros(SIZE)
    plane[20:60, 30:110] = 0.2
    wide = removal.wide_removal(plane + streaks(0))
    assert wide.shape == (24, 32)
    assert (wide[4:12, 6:22] >= 0.2).all() and (wide > 0).sum() == 8 * 16
    # nothing was removed where it became brighter
    assert removal.wide_removal(-plane).max() == 0
