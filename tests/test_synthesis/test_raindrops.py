import cv2
import numpy as np
import pytest

from mmderain.synthesis import (
    Camera,
    Raindrops,
    RaindropSettings,
    sequence_rng,
)

SIZE = (128, 160)


def raindrops(size=SIZE, index=0, **settings):
    return Raindrops(RaindropSettings(**settings), Camera(), size,
                     sequence_rng(0, index, 'drops'))


def noise(size=SIZE, seed=0):
    image = np.random.default_rng(seed).integers(
        0, 256, (*size, 3), dtype=np.uint8)
    return cv2.GaussianBlur(image, (0, 0), 4)


def mask(drops, frame):
    return (drops.draw(frame) != frame).any(axis=2)


def centred(**settings):
    """One large drop in the middle of the frame."""
    drops = raindrops(count=(1, 2), radius=(0.15, 0.151), irregularity=0.0,
                      opacity=(1.0, 1.0), rim=0.0, sliding=0.0, **settings)
    drop = drops._drops[0]
    del drops._drops[1:]
    drop.x, drop.y = SIZE[1] / 2, SIZE[0] / 2
    drop._place()
    drops._measure()
    return drops


@pytest.mark.parametrize('axis', [0, 1])
def test_image_in_a_drop_is_inverted(axis):
    ramp = np.linspace(20, 230, SIZE[axis])
    plane = ramp[:, None] if axis == 0 else ramp[None]
    frame = np.broadcast_to(plane[..., None], (*SIZE, 3)).astype(np.uint8)
    seen = centred().draw(frame)[..., 0].astype(float)
    middle = np.array(SIZE) // 2
    part = seen[middle[0] - 8:middle[0] + 9, middle[1] - 8:middle[1] + 9]
    outside = np.gradient(frame[..., 0].astype(float), axis=axis).mean()
    assert np.gradient(part, axis=axis).mean() < -0.8 * outside
    # the drop shows a wider view than it covers
    covered = frame[..., 0][centred().clear < 0.5]
    inside = seen[centred().clear < 0.1]
    assert np.ptp(inside) > 1.3 * np.ptp(covered)


def test_a_drop_is_out_of_focus():
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    seen = centred().draw(frame)
    assert seen[56:72, 72:88].std() < 0.3 * frame.std()
    bars = np.zeros_like(frame)
    bars[:, ::16] = bars[:, 1::16] = bars[:, 2::16] = 255
    sharp, blurred = (centred(defocus=defocus).draw(bars)[56:72, 72:88].std()
                      for defocus in (0.005, 0.03))
    assert blurred < 0.7 * sharp


def test_edge_is_soft():
    drops = centred(defocus=0.02)
    frame = np.zeros((*SIZE, 3), np.uint8)
    assert drops.draw(frame).max() == 0
    row = 1 - drops.clear[64]
    assert row.max() == 1
    partial = np.count_nonzero((row > 0.02) & (row < 0.98))
    assert 8 <= partial <= 14  # two edges of 2 * 0.02 * 160 pixels at most


def test_drop_content_follows_the_scene():
    drops = centred()
    first, second = drops.draw(noise(seed=0)), drops.draw(noise(seed=1))
    assert (first[60:68, 76:84] != second[60:68, 76:84]).any()


def test_static_drops_keep_their_mask_and_sliding_ones_move_down():
    frame = noise()
    static = raindrops(sliding=0.0)
    before = mask(static, frame)
    for _ in range(10):
        static.advance()
    assert before.any()
    assert (mask(static, frame) == before).all()

    sliding = raindrops(count=(3, 3), sliding=1.0, slide_speed=(0.1, 0.2),
                        stick_time=0.1)
    places = [np.array([(drop.x, drop.y) for drop in sliding._drops])]
    before = mask(sliding, frame)
    for _ in range(8):
        sliding.advance()
        places.append(
            np.array([(drop.x, drop.y) for drop in sliding._drops]))
    steps = np.diff(np.array(places)[..., 1], axis=0)
    # by fits and starts, never up, no faster than the settings say
    assert (steps >= 0).all() and steps.any() and (steps == 0).any()
    assert steps.max() <= 0.2 * 160 / 25
    assert (mask(sliding, frame) != before).any()


def test_a_drop_that_left_comes_back_on_top():
    drops = raindrops(count=(1, 1), sliding=1.0, slide_speed=(2.0, 2.0),
                      stick_time=0.04)
    heights = []
    for _ in range(120):
        drops.advance()
        heights.append(drops._drops[0].y)
    assert (np.diff(heights) < 0).any()
    assert max(heights) < 2 * SIZE[0]


def test_the_largest_drops_slide():
    drops = raindrops(count=(20, 20), sliding=0.25)._drops
    slide = [drop.radius for drop in drops if drop.slides]
    stay = [drop.radius for drop in drops if not drop.slides]
    assert len(slide) == 4  # of 16, as the frame is wide
    assert min(slide) >= max(stay)


def test_outlines_are_irregular():
    regular = centred()._drops[0]
    drops = raindrops(count=(1, 1), radius=(0.15, 0.151), irregularity=0.4)
    drop = drops._drops[0]
    drop.x, drop.y, drop.tallness = regular.x, regular.y, regular.tallness
    drop._place()
    drops._measure()
    hole = drops.clear < 0.5
    assert hole.any()
    # a circle or ellipse is its own mirror image
    assert (hole != hole[::-1]).mean() > 0.005


def test_clear_is_where_no_drop_is():
    drops = raindrops()
    frame = noise()
    assert not mask(drops, frame)[drops.clear == 1].any()
    assert drops.clear.min() < 0.2
