"""What windows share is done once, and the frames stay the same."""

import weakref

import pytest
import torch

from mmderain.windows.tiles import TileSpec
from mmderain.windows.windows import WindowSpec
from tests.helpers.streams import restart_frame, restore_frames

SPECS = [
    WindowSpec(5), WindowSpec(5, stride=3), WindowSpec(5, stride=5),
    WindowSpec(5, valid=(2, 3)), WindowSpec(4, valid=(1, 3), padding=None),
    WindowSpec(9, valid=(0, 7), stride=4, padding='reflect'),
    WindowSpec(3, divisor=4, margin=2), WindowSpec(1)]
TILES = [None, TileSpec((4, 6), 2), TileSpec((4, 4), 2, margin=1)]


def clip(count):
    generator = torch.Generator().manual_seed(count)
    return torch.randint(0, 256, (count, 3, 7, 10), generator=generator,
                         dtype=torch.uint8)


class Pairs:
    """A frame's brightness, and its difference from the one before."""

    def __init__(self, spec):
        self.spec = spec
        self.alive = weakref.WeakSet()
        self.encoded = 0

    def encode(self, frames, previous):
        self.encoded += len(frames)
        brightness = frames.amax((1, 2, 3))
        change = (torch.full_like(frames, float('nan')) if previous is None
                  else frames - previous)
        self.alive.add(change)
        return brightness, change

    def fuse(self, clips, found):
        brightness, change = found
        assert brightness.shape == clips.shape[:2]
        first, end = self.spec.valid_range
        end += clips.shape[1] - self.spec.length
        # each frame depends on its place and on all pairs of the window
        places = torch.arange(1, clips.shape[1] + 1.)[:, None, None, None]
        pairs = (places[1:] * change[:, 1:]).sum(1, True)
        out = clips * places * brightness[..., None, None, None] + pairs
        return out[:, first:end]

    def alone(self, clips):
        """The same without anything shared."""
        before = [None, *clips.unbind(1)]
        found = [self.encode(frames, previous) for frames, previous
                 in zip(clips.unbind(1), before, strict=False)]
        return self.fuse(clips, [torch.stack(field, 1)
                                 for field in zip(*found, strict=True)])


@pytest.mark.parametrize('spec', SPECS, ids=str)
@pytest.mark.parametrize('tile', TILES, ids=str)
@pytest.mark.parametrize('count', [4, 5, 12])
def test_sharing_changes_nothing(spec, tile, count):
    pairs = Pairs(spec)
    expected = list(restore_frames(clip(count), pairs.alone, spec, tile))
    assert expected
    for batches in (dict(), dict(window_batch=3),
                    dict(window_batch=2, tile_batch=2)):
        # windows that do not overlap are restored as without
        overlap = spec.stride < spec.length
        got = list(restore_frames(
            clip(count), pairs.fuse if overlap else pairs.alone, spec, tile,
            encode=pairs.encode, **batches))
        assert torch.equal(torch.stack(got), torch.stack(expected))


@pytest.mark.parametrize('count', [1, 2])
def test_a_clip_shorter_than_a_window(count):
    pairs = Pairs(WindowSpec(5))
    expected = list(restore_frames(clip(count), pairs.alone, pairs.spec))
    got = list(restore_frames(clip(count), pairs.fuse, pairs.spec,
                              encode=pairs.encode))
    assert len(got) == count
    assert torch.equal(torch.stack(got), torch.stack(expected))


@pytest.mark.parametrize(('batches', 'tile'), [
    (dict(), None), (dict(window_batch=4), None),
    (dict(window_batch=2, tile_batch=3), TileSpec((4, 6), 2))])
def test_every_frame_is_encoded_once_and_kept_no_longer_than_needed(
        batches, tile):
    pairs = Pairs(WindowSpec(5, valid=(2, 3)))
    pieces = 1 if tile is None else tile.count(7, 10)
    assert pieces in (1, 6)
    most = 0
    for _ in restore_frames(clip(50), pairs.fuse, pairs.spec, tile,
                            encode=pairs.encode, **batches):
        most = max(most, len(pairs.alive))
    # with the two frames that continue the clip beyond each end
    assert pairs.encoded == 54 * pieces
    calls = -(-pieces // batches.get('tile_batch', 1))
    assert most <= 5 * calls


def test_a_stream_that_restarts_gives_the_same_frames():
    pairs = Pairs(WindowSpec(5, stride=2))

    def restored(frames):
        return torch.stack(list(restore_frames(
            frames, pairs.fuse, pairs.spec, encode=pairs.encode,
            window_batch=2)))

    whole = restored(clip(23))
    for wanted in range(23):
        entry = restart_frame(pairs.spec, wanted, 2)
        assert torch.equal(restored(clip(23)[entry:])[wanted - entry:],
                           whole[wanted:])


def test_prepared_windows_share_nothing():
    pairs = Pairs(WindowSpec(5))
    expected = list(restore_frames(clip(9), pairs.alone, pairs.spec))
    pairs.encoded = 0
    got = list(restore_frames(
        clip(9), pairs.alone, pairs.spec, encode=pairs.encode,
        prepare_window=lambda window: window))
    assert pairs.encoded == 5 * 5
    assert torch.equal(torch.stack(got), torch.stack(expected))
