"""The weights for drops on the lens do what their card says."""

import cv2
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


def still(name):
    """The same picture again and again."""
    return np.repeat(moving(name)[:1], FRAMES, 0)


def one_after_another(clips, length, fade=1):
    """So many frames of each clip, faded into the next."""
    frames = []
    for index in range(3 * FRAMES):
        number, place = divmod(index, length)
        now, before = (clips[(number - back) % len(clips)][index % FRAMES]
                       for back in (0, 1))
        share = min(1, place / fade) if number else 1
        frames.append(np.rint(before + share * (now - before.astype(float))))
    return np.stack(frames).astype(np.uint8)


def stamped(clip, draw):
    """A sign over each frame, the same in all."""
    return np.stack([draw(frame.copy()) for frame in clip])


def disc(frame):
    """A round sign that lets a little of the scene through."""
    sign = cv2.circle(frame.copy(), (200, 30), 17, (230, 230, 240), -1,
                      cv2.LINE_AA)
    return cv2.addWeighted(sign, 0.8, frame, 0.2, 0)


def bars(frame):
    frame[:24], frame[-24:] = 0, 0
    return frame


NO_DROPS = {
    'slides': lambda: one_after_another([*map(still, NAMES)], 25),
    'slides that fade': lambda: one_after_another([*map(still, NAMES)], 30,
                                                  10),
    'cuts': lambda: one_after_another(
        [still('coffee'), moving('chelsea'), moving('rocket')], 30),
    'photos': lambda: one_after_another([*map(still, NAMES)], 1),
    'a time stamp': lambda: stamped(moving('rocket'), lambda frame: (
        cv2.putText(frame, '2026-11-29 12:00', (8, 170), 0, 0.5,
                    (255, 255, 255), 1, cv2.LINE_AA))),
    'black bars': lambda: stamped(moving('chelsea'), bars),
    'a round sign': lambda: stamped(moving('astronaut'), disc)}
NAMES = ('chelsea', 'rocket', 'china', 'coffee', 'astronaut')


@pytest.mark.parametrize('kind', NO_DROPS)
def test_what_is_no_drop_is_left_to_the_bit(remove_drops, kind):
    clip = NO_DROPS[kind]()
    np.testing.assert_array_equal(remove_drops(clip), clip)
