"""Frames in, frames out: the same ones wherever a stream begins."""

import weakref

import numpy as np
import pytest
import torch

from mmderain.models.restoration import to_uint8
from mmderain.windows.auto_tile import choose_tile
from mmderain.windows.tiles import TileSpec
from mmderain.windows.windows import WindowSpec
from tests.helpers.streams import restart_frame, restore_frames

SPECS = [
    WindowSpec(5, valid=(2, 3)), WindowSpec(5, stride=1),
    WindowSpec(5, stride=3), WindowSpec(9, valid=(1, 8), stride=7),
    WindowSpec(9, valid=(0, 7), stride=4, padding='reflect'),
    WindowSpec(1), WindowSpec(4, valid=(3, 4), padding='reflect')]


def clip(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(count)
    return torch.randint(0, 256, (count, 3, 4, 6), generator=generator,
                         dtype=torch.uint8)


def mixing(spec: WindowSpec):
    """A window's frames depend on all frames of it and on their places."""
    first, end = spec.valid_range

    def restore(window: torch.Tensor) -> torch.Tensor:
        places = torch.arange(1, window.shape[1] + 1.)[:, None, None, None]
        last = end + window.shape[1] - spec.length
        return (window + (places * window).mean(1, True))[:, first:last]

    return restore


@pytest.mark.parametrize('spec', SPECS, ids=str)
@pytest.mark.parametrize(('count', 'batch'), [
    (3, 1), (10, 1), (31, 1), (31, 3)])
def test_a_stream_that_restarts_gives_the_same_frames(spec, count, batch):
    frames = clip(count)

    def restored(frames):
        batches = []

        def restore(clips):
            batches.append(len(clips))
            return mixing(spec)(clips)

        return list(restore_frames(
            frames, restore, spec, window_batch=batch)), batches

    whole, batches = restored(frames)
    assert len(whole) == count
    for wanted in range(count):
        entry = restart_frame(spec, wanted, batch)
        part, later = restored(frames[entry:])
        # with the same neighbours in a batch: equal to the bit
        assert later == batches[-len(later):]
        assert len(part) == count - entry
        for ours, theirs in zip(part[wanted - entry:], whole[wanted:],
                                strict=True):
            assert torch.equal(ours, theirs)


@pytest.mark.parametrize('spec', SPECS, ids=str)
@pytest.mark.parametrize('count', [1, 3, 10, 31])
@pytest.mark.parametrize('tile', [
    None, TileSpec((4, 4), 2), TileSpec((4, 4), 2, margin=1)])
def test_batches_give_the_same_frames(spec, count, tile):
    seen = []

    def restore(clips):
        seen.append(len(clips))
        return mixing(spec)(clips)

    def restored(**batches):
        return torch.stack(list(restore_frames(
            clip(count), restore, spec, tile, **batches)))

    expected, one_by_one = restored(), len(seen)
    assert set(seen) == {1}
    tiles = 1 if tile is None else tile.count(4, 6)
    for windows, together in ((3, 1), (1, 4), (2, 3)):
        seen.clear()
        torch.testing.assert_close(
            restored(window_batch=windows, tile_batch=together), expected)
        assert sum(seen) == one_by_one
        assert max(seen) == (min(windows, one_by_one // tiles)
                             * min(together, tiles))


def test_batches_wait_for_no_more_frames_than_they_need():
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield clip(1)[0]

    stream = restore_frames(endless(), lambda clips: clips[:, 2:3],
                            WindowSpec(5, valid=(2, 3)), window_batch=4)
    for index in range(50):
        next(stream)
        # the last window of a batch ends five frames later
        assert taken <= index + 1 + 2 + 3


def test_a_late_restart_does_not_begin_at_the_beginning():
    assert restart_frame(WindowSpec(5, valid=(2, 3)), 1000) > 980
    assert restart_frame(WindowSpec(9, stride=9), 1000) % 9 == 0
    assert restart_frame(WindowSpec(9, stride=9), 1000, 4) > 940
    assert restart_frame(WindowSpec(9, stride=9), 1000, 4) % 36 == 0


@pytest.mark.parametrize('tile', [None, TileSpec((16, 16), 4)])
def test_few_frames_are_alive_however_long_the_clip(tile):
    spec = WindowSpec(5, valid=(2, 3))
    alive = weakref.WeakSet()
    most = 0

    def source(count):
        for index in range(count):
            frame = torch.full((3, 20, 24), index % 256, dtype=torch.uint8)
            alive.add(frame)
            yield frame

    for index, frame in enumerate(restore_frames(
            source(2000), lambda window: window[:, 2:3], spec, tile)):
        most = max(most, len(alive))
        assert to_uint8(frame)[0, 0, 0] == index % 256
    assert index == 1999
    # the window, its continuation beyond the end, and those at the door
    assert most <= 2 * spec.length


def test_rounding_is_that_of_saving():
    values = torch.tensor([-0.1, 0.0, 0.5, 100.4 / 255, 1.0, 1.2])
    np.testing.assert_array_equal(to_uint8(values), [0, 0, 128, 100, 255, 255])


def test_tiles_by_the_memory_there_is():
    assert choose_tile(1080, 1920, 1000, 1 << 40) is None
    # half of it may be used
    assert choose_tile(1080, 1920, 1000, 2 * 1000 * 300 * 300) == (288, 288)
    assert choose_tile(100, 1920, 1000, 2 * 1000 * 300 * 300) == (100, 288)
    assert choose_tile(1080, 1920, 10**9, 1) == (64, 64)
    assert choose_tile(1080, 1920, 1000, 8 * 1000 * 300 * 300,
                       batch=4) == (288, 288)
    assert choose_tile(100, 100, 1000, 2 * 1000 * 100 * 100) is None
    assert choose_tile(100, 100, 1000, 2 * 1000 * 100 * 100,
                       batch=2) == (64, 64)
