"""Block by block, as if there were no blocks."""

import cv2
import numpy as np
import pytest

from mmderain.models.lens_drops import stream
from mmderain.models.lens_drops.statistics import BLOCK
from mmderain.models.lens_drops.stream import (
    fill_frames,
    restart_frame,
    with_neighbours,
)
from tests.test_models.test_lens_drops.helpers import (
    DROPS,
    SIZE,
    find_none,
    find_true,
    pan,
    with_drops,
)


def psnr(image, truth, where):
    error = (image.astype(float) - truth)[where]
    return 10 * np.log10(255**2 / (error**2).mean())


def test_a_moving_scene_is_seen_behind_drops():
    clean = pan(40)
    wet = with_drops(clean)
    for index, filled in enumerate(fill_frames(wet, find_true)):
        before = psnr(wet[index], clean[index], DROPS)
        after = psnr(filled.image, clean[index], DROPS)
        assert after > before + 8, index
        away = cv2.dilate(DROPS.astype(np.uint8), np.ones((15, 15))) == 0
        np.testing.assert_array_equal(filled.image[away], wet[index][away])
        assert filled.cover[DROPS].mean() > 0.8
        assert filled.trust[DROPS].mean() > 0.3
        assert filled.drops == 2
    assert index == 39


def test_as_much_is_replaced_in_all_frames_of_a_block():
    """What came and went would flicker."""
    wet = pan(40).astype(int)
    # just dark enough to be doubted
    wet[:, DROPS] -= np.random.default_rng(0).integers(20, 40, (40, 1, 1))
    wet = wet.clip(0, 255).astype(np.uint8)
    covers = [item.cover for item in fill_frames(wet, find_true)]
    assert 0.05 < covers[12][DROPS].mean() < 0.95
    for first in range(0, 40, BLOCK):
        for cover in covers[first:first + BLOCK]:
            np.testing.assert_array_equal(cover, covers[first])


def test_without_drops_every_frame_is_the_very_same():
    frames = list(pan(30))
    result = list(fill_frames(frames, find_none))
    assert [item.image is frame for item, frame in zip(
        result, frames, strict=True)] == [True] * 30
    assert not any(item.cover.any() or item.drops for item in result)


@pytest.mark.parametrize(('count', 'is_filled'), [(3, False), (24, False),
                                                  (25, True)])
def test_a_clip_that_is_too_short_is_left_alone(count, is_filled):
    wet = list(with_drops(pan(count)))
    result = list(fill_frames(wet, find_true))
    assert all(item.image is frame for item, frame in zip(
        result, wet, strict=True)) != is_filled


@pytest.mark.parametrize('count', [0, 1, 7, 8, 9, 41])
def test_any_length(count):
    frames = with_drops(pan(max(count, 1)))[:count]
    assert len(list(fill_frames(frames, find_true))) == count


@pytest.mark.parametrize('size', [(1, 2), (3, 3), (2, 40)])
def test_frames_of_a_few_pixels(size):
    wet = np.random.default_rng(0).integers(0, 255, (30, *size, 3), np.uint8)
    found = np.zeros(size, np.float32)
    found[0, 0] = 1
    result = list(fill_frames(wet, lambda planes: found))
    assert [item.image.shape for item in result] == [(*size, 3)] * 30


class Finder:
    """Drops that come and go with what is seen, as a network's would."""

    def __call__(self, planes):
        seen = cv2.blur(planes[12].astype(np.float32), (9, 9))
        return np.where(DROPS, 0.7 + 0.3 * np.sin(seen), 0.0).astype(
            np.float32)


@pytest.mark.parametrize('first', [60, 87, 100])
def test_a_stream_from_the_middle_gives_the_same_frames(first):
    wet = with_drops(pan(130, step=2))
    whole = [item.image for item in fill_frames(wet, Finder())]
    begin = restart_frame(first)
    assert begin % BLOCK == 0 and (begin > 0 or first < 64)
    later = [item.image for item in fill_frames(wet[begin:], Finder())]
    for index in range(first, 130):
        np.testing.assert_array_equal(later[index - begin], whole[index])


def test_frames_leave_as_soon_as_nothing_later_matters():
    """So much is held, and a live picture is late by as much."""
    taken = 0

    def count():
        nonlocal taken
        for frame in with_drops(pan(120)):
            taken += 1
            yield frame

    held = []
    for number, _ in enumerate(fill_frames(count(), find_true)):
        held.append(taken - number)
    assert max(held) <= BLOCK * (
        1 + stream.COVER_REACH + stream.SIGHT_REACH) + 1


def test_a_standing_camera_keeps_its_drops():
    """Nobody has seen what they hide."""
    wet = with_drops(np.repeat(pan(1), 30, 0))
    for frame, filled in zip(wet, fill_frames(wet, find_true), strict=True):
        np.testing.assert_array_equal(filled.image, frame)
        assert not filled.cover.any() and not filled.trust.any()


def test_where_all_seems_covered_nothing_is_touched():
    frames = list(pan(9))
    result = list(fill_frames(
        frames, lambda planes: np.ones(SIZE, np.float32)))
    assert all(item.image is frame for item, frame in zip(
        result, frames, strict=True))


def test_neighbours_at_the_ends():
    assert list(with_neighbours('abcd', 1)) == [
        (0, ['a', 'b']), (1, ['a', 'b', 'c']), (1, ['b', 'c', 'd']),
        (1, ['c', 'd'])]
    assert list(with_neighbours('ab', 2)) == [
        (0, ['a', 'b']), (1, ['a', 'b'])]
    assert list(with_neighbours('', 2)) == []
