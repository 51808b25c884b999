"""What is behind a drop comes from where it was seen."""

import cv2
import numpy as np
import pytest

from mmderain.models.lens_drops.fill import (
    REACH,
    FlowFinder,
    Hidden,
    Sight,
    flow_at,
    push_pull,
)
from tests.test_models.test_lens_drops.helpers import DROPS, SIZE, pan


def carry(hidden, frames, flow):
    sight = Sight.of_first(hidden)
    for _ in range(frames - 1):
        sight = sight.carried(np.tile(np.float32(flow), (len(hidden), 1)),
                              hidden)
    return sight


def test_a_hidden_pixel_knows_where_it_was_seen():
    """A drop of 16 columns, a scene that moves left by 3 a frame."""
    hidden = Hidden(DROPS)
    sight = carry(hidden, 12, (3, 0))  # it came from 3 columns to the right
    for column in range(60, 76):
        place = hidden.places[35, column]
        frames = (76 - column + 2) // 3
        assert sight.age[place] == frames
        assert tuple(sight.shift[:, place]) == (3 * frames, 0)
    found = sight.look_up(lambda age: pan(12)[11 - age])
    np.testing.assert_array_equal(
        found, pan(12)[11][hidden.rows, hidden.columns])


def test_parts_of_pixels_add_up():
    hidden = Hidden(DROPS)
    sight = carry(hidden, 30, (1.4, 0.3))
    ages = sight.age[sight.age > 0].astype(float)
    np.testing.assert_allclose(sight.shift[0][sight.age > 0], 1.4 * ages,
                               rtol=1e-5)
    np.testing.assert_allclose(sight.shift[1][sight.age > 0], 0.3 * ages,
                               rtol=1e-5)


@pytest.mark.parametrize('flow', [(0, 0), (0.2, 0)])
def test_what_does_not_move_is_not_known(flow):
    hidden = Hidden(DROPS)
    sight = carry(hidden, 3 * REACH, flow)
    middle = hidden.places[38, 62]
    assert sight.age[middle] == -1
    assert not sight.look_up(lambda age: pan(1)[0])[middle].any()


def test_nothing_is_known_of_what_was_outside():
    mask = np.zeros(SIZE, bool)
    mask[:, -10:] = True
    sight = carry(Hidden(mask), 5, (4, 0))
    assert (sight.age == -1).all()


def test_it_does_not_reach_farther_than_it_says():
    """So a stream may begin that far before."""
    mask = np.zeros(SIZE, bool)
    mask[:, :REACH + 10] = True
    sight = carry(Hidden(mask), 60, (1, 0))
    assert sight.age.max() == REACH
    assert (sight.age[sight.hidden.columns < 9] == -1).all()


def test_flow_is_found_behind_drops():
    frames = pan(2, step=4)
    lumas = []
    for frame in frames:
        luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        luma[DROPS] = 128  # which stands still
        lumas.append(luma)
    flow = FlowFinder().find(lumas[1], lumas[0], cv2.dilate(
        DROPS.astype(np.uint8), np.ones((9, 9))) > 0)
    np.testing.assert_allclose(np.median(flow[DROPS], 0), (4, 0), atol=0.3)
    # of a picture of half the size, the same in pixels of the frame
    half = cv2.resize(flow, SIZE[::-1], fx=0.5, fy=0.5) / 2
    half = cv2.resize(half, (SIZE[1] // 2, SIZE[0] // 2))
    np.testing.assert_allclose(
        np.median(flow_at(half, Hidden(DROPS)), 0), (4, 0), atol=0.3)


def test_push_pull_is_smooth_and_keeps_what_is_known():
    rows, columns = np.indices(SIZE, np.float32)
    image = np.stack([columns, rows], -1)
    known = 1 - DROPS.astype(np.float32)
    filled = push_pull(image * known[..., None], known)
    np.testing.assert_allclose(filled[~DROPS], image[~DROPS], atol=1e-3)
    assert np.abs(filled - image)[DROPS].max() < 8
    # nothing is known at all
    assert np.isfinite(push_pull(image, np.zeros(SIZE, np.float32))).all()
