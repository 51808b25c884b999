"""What the network sees: sums over blocks, whatever the video's size."""

import cv2
import numpy as np
import pytest

from mmderain.models.lens_drops import statistics
from mmderain.models.lens_drops.statistics import (
    BLOCK,
    PLANES,
    REACH,
    SLIDE,
    WINDOWS,
    BlockMaker,
    planes,
    slid_planes,
    small_size,
)
from tests.test_models.test_lens_drops.helpers import (
    DROPS,
    SIZE,
    pan,
    with_drops,
)


def blocks_of(frames):
    maker = BlockMaker()
    return [maker.block(frames[first:first + BLOCK])
            for first in range(0, len(frames), BLOCK)]


def level(plane):
    """What a logarithmic plane stands for, in levels."""
    lowest, reach = np.log(0.5), np.log(255.5) - np.log(0.5)
    return np.exp(plane / 255 * reach + lowest) - 0.5


@pytest.mark.parametrize(('size', 'small'), [
    ((360, 640), (180, 320)), ((2160, 3840), (180, 320)),
    ((100, 90), (100, 90)), ((640, 360), (320, 180)), ((1, 1), (1, 1))])
def test_drops_are_looked_for_at_one_size(size, small):
    assert small_size(*size) == small


def test_each_statistic_is_what_it_says():
    """Against plain NumPy over the frames of the window."""
    frames = pan(BLOCK * (2 * REACH + 1))
    seen = planes(blocks_of(frames), REACH)
    assert seen.shape == (PLANES, *SIZE) and seen.dtype == np.uint8
    lumas = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
                      for frame in frames]).astype(float)
    for number, window in enumerate(WINDOWS):
        first = BLOCK * (REACH - window // 2)
        part = lumas[first:first + BLOCK * window]
        deviation, steep, mean_steep, _, _, change = level(
            seen[6 * number:6 * number + 6].astype(float))
        # a byte's step is 2.5 % of a value
        close = dict(rtol=0.03, atol=0.3)
        np.testing.assert_allclose(deviation, part.std(0), **close)
        steps = np.abs(np.diff(lumas, axis=0))[max(first - 1, 0):][
            :len(part) - (first == 0)]
        np.testing.assert_allclose(change, steps.mean(0), **close)
        inside = np.s_[2:-2, 2:-2]
        slopes = np.hypot(*np.gradient(part.mean(0)))
        assert np.corrcoef(mean_steep[inside].ravel(),
                           slopes[inside].ravel())[0, 1] > 0.97
        assert steep.mean() >= mean_steep.mean()
    np.testing.assert_allclose(
        seen[-6:-3], frames.mean(0).transpose(2, 0, 1), atol=0.51)
    middle = frames[BLOCK * REACH + BLOCK // 2]
    np.testing.assert_array_equal(seen[-3:], middle.transpose(2, 0, 1))


def test_a_drop_changes_less_and_keeps_its_outline():
    seen = planes(blocks_of(with_drops(pan(56))), REACH)
    deviation, outline = seen[12].astype(float), seen[14].astype(float)
    inside = cv2.erode(DROPS.astype(np.uint8), np.ones((7, 7))) > 0
    rim = (cv2.dilate(DROPS.astype(np.uint8), np.ones((3, 3))) > 0) & ~(
        cv2.erode(DROPS.astype(np.uint8), np.ones((3, 3))) > 0)
    away = cv2.dilate(DROPS.astype(np.uint8), np.ones((15, 15))) == 0
    assert deviation[inside].mean() < deviation[away].mean() - 30
    assert outline[rim].mean() > outline[away].mean() + 30


def test_along_a_slide_is_what_one_sees_who_slides():
    """Of a block and those next to it, as if the frames were lifted."""
    frames = pan(BLOCK * 5)
    rows = np.arange(SIZE[0])
    middle = 2 * BLOCK + (BLOCK - 1) / 2
    lifted = np.stack([
        frame[(rows + round(SLIDE * (time - middle))).clip(0, rows[-1])]
        for time, frame in enumerate(frames)])
    seen = slid_planes(blocks_of(frames), 2)
    expected = planes(blocks_of(lifted)[1:4], 1)
    # where no row was repeated; the picture is the one that is there
    inside = np.s_[:-3, 30:-30]
    np.testing.assert_array_equal(seen[inside], expected[inside])


def test_a_drop_that_slides_keeps_its_outline_along_its_slide():
    rows, columns = np.indices(SIZE)
    frames = pan(BLOCK * 3)
    for time, frame in enumerate(frames):
        frame[np.hypot(rows - 48 - SLIDE * (
            time - (len(frames) - 1) / 2), columns - 60) < 12] = 200
    rim = np.abs(np.hypot(rows - 48, columns - 60) - 12) < 1.5
    blocks = blocks_of(frames)
    still, slid = (seen[8][rim].mean() for seen in (
        planes(blocks, 1), slid_planes(blocks, 1)))
    assert slid > still + 10


def test_at_the_ends_there_are_fewer_to_slide_along():
    blocks = blocks_of(pan(20))
    for centre in range(3):
        assert slid_planes(blocks, centre).shape == (PLANES, *SIZE)


def test_a_window_does_not_depend_on_where_a_stream_began():
    frames = pan(BLOCK * 12)
    whole = blocks_of(frames)
    # the first block of a stream knows one change less
    later = blocks_of(frames[BLOCK * 2:])
    seen = planes(whole[6 - REACH:7 + REACH], REACH)
    again = planes(later[4 - REACH:5 + REACH], REACH)
    np.testing.assert_array_equal(seen, again)


def test_at_the_ends_there_are_fewer_blocks():
    whole = blocks_of(pan(20))
    assert [block.count for block in whole] == [8, 8, 4]
    assert [block.steps for block in whole] == [7, 8, 4]
    for centre in range(3):
        assert planes(whole, centre).shape == (PLANES, *SIZE)
    single = blocks_of(pan(1))
    assert level(planes(single, 0)[5].astype(float)).max() < 0.01  # no change


def test_the_longest_window_needs_what_it_says():
    assert max(WINDOWS) // 2 == statistics.REACH
