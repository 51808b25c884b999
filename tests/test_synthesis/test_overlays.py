"""Things that stand still and are no drops."""

import numpy as np

from mmderain.synthesis.overlays import Overlay
from tests.helpers.videos import pictures

SIZE = (64, 96)


def test_all_kinds_cover_something_and_stand_still():
    clip = np.stack(pictures(3, SIZE))
    rng = np.random.default_rng(0)
    shares = {}
    for _ in range(200):
        overlay = Overlay.random(SIZE, rng)
        assert overlay.share.shape == (*SIZE, 1)
        assert 0 <= overlay.share.min() <= overlay.share.max() <= 1
        covered = overlay.over(clip)
        assert covered.shape == clip.shape and covered.dtype == np.uint8
        clear = overlay.share[..., 0] == 0
        np.testing.assert_array_equal(covered[:, clear], clip[:, clear])
        opaque = overlay.share[..., 0] == 1
        assert (covered[:, opaque] == covered[0, opaque]).all()
        shares.setdefault(overlay.kind, []).append(overlay.share.max())
        assert overlay.in_scene == (overlay.kind == 'bonnet')
    assert {*shares} == {'bonnet', 'text', 'bars', 'logo', 'marks'}
    # some marks let the scene through
    assert min(shares['marks']) < 0.5 < max(shares['marks'])


def test_the_same_draws_the_same():
    one, other = (Overlay.random(SIZE, np.random.default_rng(4))
                  for _ in range(2))
    assert one.kind == other.kind
    np.testing.assert_array_equal(one.share, other.share)
    np.testing.assert_array_equal(one.picture, other.picture)
