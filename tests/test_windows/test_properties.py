"""What holds for every clip, window and tile; by hypothesis."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mmderain.windows.stream import StreamSpec, restore_frames
from mmderain.windows.tiles import TileSpec, restore_tiled, restore_whole
from mmderain.windows.windows import WindowSpec

# the same examples each time; as many as take seconds
QUICK = settings(max_examples=150, deadline=None, derandomize=True,
                 database=None)


@st.composite
def window_specs(draw):
    length = draw(st.integers(1, 7))
    first = draw(st.integers(0, length - 1))
    end = draw(st.integers(first + 1, length))
    return WindowSpec(
        length, draw(st.sampled_from([None, (first, end)])),
        draw(st.integers(1, end - first)), draw(st.integers(1, 4)),
        draw(st.sampled_from(['replicate', 'reflect'])),
        draw(st.integers(0, 3)))


@st.composite
def tile_specs(draw):
    overlap = 2 * draw(st.integers(0, 4))
    size = tuple(draw(st.integers(overlap + 1, overlap + 12))
                 for _ in range(2))
    margin = draw(st.sampled_from([0, overlap // 2, overlap // 2 + 3]))
    return TileSpec(size, overlap, margin)


def numbered(count, size=(5, 6)):
    """Frames that are told apart, and their pixels, too."""
    return [np.random.default_rng(index).integers(
        0, 255, (3, *size), np.uint8) for index in range(count)]


def restored(frames, spec, restore=None):
    return list(restore_frames(
        frames, restore or (lambda clips: valid(clips, spec.window)), spec))


def valid(clips, window):
    """The frames that a network restores, also of a shorter window."""
    first, end = window.valid_range
    return clips[:, first:clips.shape[1] - window.length + end]


@QUICK
@given(window_specs(), st.integers(0, 20), st.integers(1, 3),
       st.none() | tile_specs())
def test_windows_and_tiles_lose_nothing(window, count, batch, tile):
    frames = numbered(count)
    came = restored(frames, StreamSpec(window, tile, window_batch=batch))
    assert len(came) == count
    for frame, result in zip(frames, came, strict=True):
        np.testing.assert_allclose(result, frame / 255, atol=1e-6)


@QUICK
@given(window_specs(), st.integers(1, 24), st.integers(1, 3),
       st.integers(0, 23))
def test_a_stream_from_the_middle_equals_one_from_the_start(
        window, count, batch, wanted):
    """Of windows whose results depend on all of their frames."""
    wanted = min(wanted, count - 1)
    spec = StreamSpec(window, window_batch=batch)

    def restore(clips):
        weights = np.arange(1, clips.shape[1] + 1).reshape(-1, 1, 1, 1)
        return valid(clips, window) + (weights * clips).mean(
            1, keepdims=True)

    frames = numbered(count)
    begin = spec.restart_frame(wanted)
    assert 0 <= begin <= wanted
    whole = restored(frames, spec, restore)
    later = restored(frames[begin:], spec, restore)
    for index in range(wanted, count):
        np.testing.assert_array_equal(later[index - begin], whole[index])


@QUICK
@given(tile_specs(), st.integers(1, 40), st.integers(1, 40),
       st.integers(1, 4), st.integers(1, 3))
def test_tiles_of_a_local_network_have_no_seams(tile, height, width, divisor,
                                                batch):
    """One that sees no farther than half of the overlap."""
    clip = np.random.default_rng(0).random((1, 1, 2, height, width))
    reach = tile.overlap // 2

    def restore(pieces):
        assert pieces.shape[-1] % divisor == pieces.shape[-2] % divisor == 0
        padded = np.pad(pieces, [(0, 0)] * 3 + [(reach, reach)] * 2, 'edge')
        return (padded[..., :pieces.shape[-2], :pieces.shape[-1]]
                + padded[..., 2 * reach:, 2 * reach:]) / 2

    whole = restore_whole(clip, restore, divisor, tile.margin)
    tiled = restore_tiled(clip, restore, tile, divisor, batch)
    assert tiled.shape == clip.shape
    if tile.margin or divisor == 1:
        inner = (slice(reach, max(reach, height - reach)),
                 slice(reach, max(reach, width - reach)))
        np.testing.assert_allclose(tiled[..., inner[0], inner[1]],
                                   whole[..., inner[0], inner[1]], atol=1e-9)
