"""What is behind a drop comes from where it was seen."""

import cv2
import numpy as np
import pytest

from mmderain.models.lens_drops.fill import (
    REACH,
    FlowFinder,
    Hidden,
    Sight,
    beside,
    blend,
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
    found, trust = sight.look_up(
        lambda age: pan(12)[11 - age])
    np.testing.assert_array_equal(
        found, pan(12)[11][hidden.rows, hidden.columns])
    assert trust.min() > 0.5 and trust.max() < 1


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
    pixels, trust = sight.look_up(lambda age: pan(1)[0])
    assert trust[middle] == 0 and not pixels[middle].any()


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


def candidate(count, trust):
    return (np.full((count, 3), 200, np.float32),
            np.full(count, trust, np.float32))


def test_what_is_around_is_taken_where_it_is_plain():
    hidden = Hidden(DROPS)
    plain = np.full((*SIZE, 3), 40, np.uint8)
    around = beside(plain, hidden)
    np.testing.assert_allclose(around.pixels, 40, atol=0.01)
    assert around.variance.max() < 0.1
    unknown = candidate(len(hidden), 0)
    for found in (candidate(len(hidden), 0.9), unknown):
        pixels, trust = blend([found, unknown], around)
        assert pixels.max() < 45 and trust.min() > 0.89


def test_what_was_seen_is_taken_where_it_is_not():
    hidden = Hidden(DROPS)
    rng = np.random.default_rng(0)
    patches = cv2.resize(rng.integers(0, 2, (12, 16, 3), np.uint8) * 200,
                         SIZE[::-1], interpolation=cv2.INTER_NEAREST)
    around = beside(patches, hidden)
    assert around.variance.min() > 1000
    known, unknown = (candidate(len(hidden), trust) for trust in (0.9, 0))
    pixels, trust = blend([known, unknown], around)
    assert pixels.min() > 170 and trust[0] == np.float32(0.9)
    older = candidate(len(hidden), 0.9 ** 12)
    assert (blend([older, unknown], around)[0] < pixels).all()
    pixels, trust = blend([unknown, unknown], around)
    np.testing.assert_allclose(pixels, around.pixels, atol=0.1)
    assert not trust.any()


def test_variance_is_that_of_the_surroundings():
    noisy = np.random.default_rng(1).normal(100, 16, (24, 32, 3))
    frame = cv2.resize(noisy.clip(0, 255).astype(np.uint8), SIZE[::-1],
                       interpolation=cv2.INTER_NEAREST)
    found = beside(frame, Hidden(DROPS)).variance
    assert 100 < np.median(found) < 300
