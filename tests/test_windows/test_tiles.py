"""Tiles: the official geometry, no seams, any size."""

import pytest
import torch

from mmderain.windows.tiles import (
    TileSpec,
    pad_to_multiple,
    restore_tiled,
    restore_whole,
    starts,
)


@pytest.mark.parametrize(('size', 'tile'), [
    ((40, 56), (16, 24)), ((16, 16), (16, 16)), ((9, 70), (16, 16)),
    ((33, 17), (16, 16)), ((5, 7), (64, 64))])
def test_identity_in_tiles_is_the_clip(size, tile):
    clip = torch.rand(1, 2, 3, *size)
    out = restore_tiled(clip, lambda piece: piece, TileSpec(tile, 4), 4)
    assert torch.allclose(out, clip, atol=1e-6)


def test_a_local_operation_has_no_seams():
    """What a network of small reach does does not show where tiles meet."""
    clip = torch.rand(1, 1, 1, 50, 61)

    def blur(piece):
        flat = torch.nn.functional.avg_pool2d(
            piece.flatten(0, 1), 5, 1, 2, count_include_pad=False)
        return flat.unflatten(0, piece.shape[:2])

    tiled = restore_tiled(clip, blur, TileSpec((24, 20), 8), 1)
    assert torch.allclose(tiled, blur(clip), atol=1e-6)


def test_sides_with_a_neighbour_are_dropped_and_shifted_tiles_averaged():
    seen = []

    def restore(piece):
        seen.append(tuple(piece.shape[-2:]))
        return torch.full_like(piece, float(len(seen)))

    out = restore_tiled(torch.zeros(1, 1, 1, 4, 20), restore,
                        TileSpec((8, 8), 4), 1)
    # tiles begin at 0, 4, 8 and 12; each keeps 2 pixels less on inner sides
    assert seen == [(4, 8)] * 4
    assert out[0, 0, 0, 0].tolist() == [1] * 6 + [2] * 4 + [3] * 4 + [4] * 6


@pytest.mark.parametrize('margin', [0, 5])
@pytest.mark.parametrize('batch', [2, 3, 100])
def test_tiles_at_once_are_those_one_by_one(margin, batch):
    clip = torch.rand(2, 3, 1, 30, 41)
    spec = TileSpec((16, 12), 4, margin)

    def restore(seen):
        def run(pieces):
            seen.append(pieces)
            places = torch.arange(12.) * torch.arange(16.)[:, None]
            return (pieces * places)[:, 1:]
        return run

    single, several = [], []
    expected = restore_tiled(clip, restore(single), spec, 4)
    got = restore_tiled(clip, restore(several), spec, 4, batch)
    assert torch.equal(got, expected)
    assert torch.equal(torch.cat(several), torch.cat(single))
    assert len(single) == spec.count(30, 41) > 6
    assert len(several) == -(-len(single) // batch)


@pytest.mark.parametrize(('length', 'window', 'stride', 'expected'), [
    (256, 256, 224, [0]), (288, 256, 224, [0, 32]), (100, 256, 224, [0]),
    (480, 256, 224, [0, 224]), (481, 256, 224, [0, 224, 225])])
def test_starts(length, window, stride, expected):
    assert starts(length, window, stride) == expected


def test_padding_repeats_the_border_and_is_cropped_again():
    clip = torch.rand(2, 3, 1, 5, 6)
    padded = pad_to_multiple(clip, 4)
    assert padded.shape == (2, 3, 1, 8, 8)
    assert torch.equal(padded[..., :5, :6], clip)
    assert torch.equal(padded[..., 7, :6], clip[..., 4, :])
    sizes = []

    def restore(piece):
        sizes.append(piece.shape[-2:])
        return piece[:, 1:2]

    out = restore_whole(clip, restore, 4)
    assert sizes == [(8, 8)]
    assert torch.equal(out, clip[:, 1:2])


@pytest.mark.parametrize('arguments', [
    dict(overlap=3), dict(overlap=-2), dict(size=(16, 16), overlap=16)])
def test_impossible_tiles_are_refused(arguments):
    with pytest.raises(ValueError, match='overlap'):
        TileSpec(**arguments)


@pytest.mark.parametrize('size', [(128, 160), (360, 640), (31, 50), (1, 33)])
def test_the_tiles_of_the_official_j4r_net(size):
    """Of 32 pixels from -16 on, every 16; the inner 16 count, each once."""
    clip = torch.rand(1, 1, 1, *size)
    padded = torch.nn.functional.pad(clip[0], (80, ) * 4, mode='replicate')
    where = [padded[0, 0, 80 + y:112 + y, 80 + x:112 + x]
             for y in range(-16, size[0] - 8, 16)
             for x in range(-16, size[1] - 8, 16)]
    seen = []

    def restore(piece):
        seen.append(piece[0, 0, 0])
        out = torch.full_like(piece, float('nan'))
        out[..., 8:24, 8:24] = len(seen)
        return out

    out = restore_tiled(clip, restore, TileSpec((32, 32), 16, margin=16))
    assert torch.equal(torch.stack(seen), torch.stack(where))
    y, x = torch.meshgrid(*(torch.arange(length) for length in size),
                          indexing='ij')
    columns = len(range(-16, size[1] - 8, 16))
    number = 1 + (y + 8) // 16 * columns + (x + 8) // 16
    assert torch.equal(out[0, 0, 0], number.float())


@pytest.mark.parametrize('size', [(40, 56), (9, 70), (5, 7)])
@pytest.mark.parametrize('margin', [4, 7, 30])
def test_tiles_with_any_margin_cover_the_frame_once(size, margin):
    clip = torch.rand(2, 2, 3, *size)
    out = restore_tiled(clip, lambda piece: piece[:, :1],
                        TileSpec((24, 16), 8, margin), 4)
    assert torch.equal(out, clip[:, :1])


def test_a_margin_extends_whole_frames_by_replication():
    clip = torch.rand(1, 1, 1, 5, 6)
    seen = []

    def restore(piece):
        seen.append(piece)
        return 2 * piece

    out = restore_whole(clip, restore, divisor=4, margin=3)
    assert torch.equal(out, 2 * clip)
    # 5 + 6 and 6 + 6, then up to a multiple of 4
    assert seen[0].shape[-2:] == (12, 12)
    assert (seen[0][0, 0, 0, :4, :4] == clip[0, 0, 0, 0, 0]).all()
    assert torch.equal(seen[0][..., 3:8, 3:9], clip)


def test_a_margin_that_is_thrown_away_is_refused():
    with pytest.raises(ValueError, match='margin=3 .* half of overlap=8'):
        TileSpec((16, 16), 8, margin=3)
