"""Drops of many kinds on a lens, and what they cover."""

import cv2
import numpy as np
import pytest

from mmderain.errors import UserError
from mmderain.synthesis.lens_drops import KINDS, LensDrops, LensDropSettings

SIZE = (64, 96)


def clip(frames=6):
    rng = np.random.default_rng(1)
    picture = cv2.resize(rng.integers(0, 255, (8, 20, 3), np.uint8),
                         (SIZE[1] + 4 * frames, SIZE[0]),
                         interpolation=cv2.INTER_CUBIC)
    return np.stack([picture[:, 4 * index:4 * index + SIZE[1]]
                     for index in range(frames)])


def cover(seed=0, frames=6, **settings):
    drops = LensDrops(LensDropSettings(**settings), SIZE, frames,
                      np.random.default_rng(seed))
    clean = clip(frames)
    return clean, *drops.cover(clean), drops


def test_what_is_not_covered_stays():
    for seed in range(8):
        clean, seen, alpha, _ = cover(seed)
        assert seen.dtype == np.uint8 and alpha.dtype == np.float32
        assert alpha.min() >= 0 and alpha.max() <= 1
        np.testing.assert_array_equal(seen[alpha == 0], clean[alpha == 0])
        assert (alpha > 0.3).any()


def test_the_same_seed_draws_the_same_drops():
    _, seen, alpha, _ = cover(3)
    _, again, alpha_again, _ = cover(3)
    _, other, _, _ = cover(4)
    np.testing.assert_array_equal(seen, again)
    np.testing.assert_array_equal(alpha, alpha_again)
    assert (seen != other).any()


@pytest.mark.parametrize('kind', KINDS)
def test_every_kind_hides_what_is_behind(kind, monkeypatch):
    class Chosen:
        """A generator that draws one kind."""

        def __init__(self, rng):
            self._rng = rng

        def __getattr__(self, name):
            return getattr(self._rng, name)

        def choice(self, values, *args, **kwargs):
            return kind if kind in values else self._rng.choice(
                values, *args, **kwargs)

    drops = LensDrops(
        LensDropSettings(count=(3, 6), radius=(8, 14), change_share=0,
                         sliding_share=0), SIZE, 6,
        Chosen(np.random.default_rng(0)))
    assert {layer.kind for layer in drops.layers} == {kind}
    clean = clip()
    seen, alpha = drops.cover(clean)
    hidden = alpha > 0.4
    assert hidden.mean() > 0.02
    change = np.abs(seen.astype(int) - clean)[hidden].mean()
    # looking through water without an image of its own changes little
    assert change > (5 if kind in ('blurred', 'magnified') else 15)


def test_still_drops_stay_and_sliding_ones_move_down():
    _, _, alpha, _ = cover(2, still_layers=(1, 1), sliding_share=0,
                           change_share=0)
    np.testing.assert_array_equal(alpha[0], alpha[-1])
    moved = 0
    for seed in range(12):
        _, _, alpha, _ = cover(
            seed, frames=20, still_layers=(0, 0), sliding_share=1,
            slide_speed=(1, 2), change_share=0, count=(4, 4))
        centres = [np.average(np.arange(SIZE[0]), weights=frame.sum(1) + 1e-9)
                   for frame in alpha]
        moved += (alpha[0] != alpha[-1]).any()
        if centres[0] > 5 and alpha[0].any() and alpha[-1].any():
            assert centres[-1] >= centres[0] - 15
    assert moved > 4


def test_drops_fall_and_are_wiped_off():
    present = [tuple(cover(seed, still_layers=(1, 1), sliding_share=0,
                           change_share=1)[2].any((1, 2)))
               for seed in range(20)]
    assert any(item[0] and not item[-1] for item in present)
    assert any(item[-1] and not item[0] for item in present)


@pytest.mark.parametrize('settings', [
    dict(radius=(0, 3)), dict(opacity=(0.5, 2)), dict(sliding_share=-1),
    dict(count=(5, 1))])
def test_what_cannot_be_is_refused(settings):
    with pytest.raises(UserError, match=next(iter(settings))):
        LensDropSettings(**settings)
