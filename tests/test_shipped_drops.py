"""The weights for drops on the lens do what their card says."""

import numpy as np
import pytest

from mmderain.apis import DerainInferencer
from mmderain.media.psnr import psnr
from mmderain.synthesis.camera import Camera
from mmderain.synthesis.free_pictures import free_picture
from mmderain.synthesis.motion import camera_clip
from mmderain.synthesis.raindrops import Raindrops, RaindropSettings

SIZE = (180, 240)
FRAMES = 64


@pytest.fixture(scope='module')
def remove_drops():
    return DerainInferencer(remove='drops', device='cpu')


def moving(name, **motion):
    """A camera over a picture, (t, h, w, 3)."""
    return camera_clip(free_picture(name), FRAMES, SIZE, 3,
                       **dict(dict(speed=0.02, zoom=0.1), **motion))


def with_drops(clean):
    """Drops of a renderer that training never used, and what they cover."""
    drops = Raindrops(RaindropSettings(), Camera(fps=25), SIZE,
                      np.random.default_rng(8))
    wet, cover = [], []
    for frame in clean:
        wet.append(drops.draw(frame))
        cover.append(1 - drops.clear)
        drops.advance()
    return np.stack(wet), np.stack(cover)


# 3.9 dB each when they were shipped
@pytest.mark.parametrize(('name', 'gain'), [('astronaut', 2.5),
                                             ('camera', 2.5)])
def test_drops_go(remove_drops, name, gain):
    clean = moving(name)
    wet, cover = with_drops(clean)
    restored = remove_drops(wet)
    middle = slice(24, 40)
    inside = cover[middle] > 0.25
    before, after = (psnr((frames[middle] - clean[middle].astype(float))[
        inside]) for frames in (wet, restored))
    assert after > before + gain
    whole = [psnr(frames - clean.astype(float)) for frames in (wet, restored)]
    assert whole[1] > whole[0]


@pytest.mark.parametrize('name', ['chelsea', 'rocket', 'china', 'coffee',
                                  'camera'])
def test_without_drops_nothing_changes(remove_drops, name):
    clean = moving(name)
    np.testing.assert_array_equal(remove_drops(clean), clean)


def test_a_standing_camera_is_left_alone(remove_drops):
    wet, _ = with_drops(moving('coffee', speed=0, zoom=0, rotation=0,
                               shake=0))
    # those that slide are seen to move, and may go
    assert psnr(remove_drops(wet) - wet.astype(float)) > 40
