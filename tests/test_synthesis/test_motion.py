import cv2
import numpy as np
import pytest

from mmderain.errors import UserError
from mmderain.synthesis import camera_clip

RNG = np.random.default_rng(0)
IMAGE = cv2.GaussianBlur(
    RNG.integers(0, 256, (200, 260, 3), dtype=np.uint8), (0, 0), 5)
IMAGE = cv2.normalize(IMAGE, None, 30, 225, cv2.NORM_MINMAX)


def test_shape_and_seed():
    clip = camera_clip(IMAGE, 6, (96, 128), 3)
    assert clip.shape == (6, 96, 128, 3) and clip.dtype == np.uint8
    assert (clip == camera_clip(IMAGE, 6, (96, 128), 3)).all()
    assert (clip != camera_clip(IMAGE, 6, (96, 128), 4)).any()
    rng = np.random.default_rng(3)
    assert (clip == camera_clip(IMAGE, 6, (96, 128), rng)).all()


def test_motion_is_smooth_and_not_still():
    clip = camera_clip(IMAGE, 12, (96, 96), 0)
    grey = clip.mean(axis=3)
    shifts = np.array([cv2.phaseCorrelate(before, after)[0]
                       for before, after in zip(grey, grey[1:],
                                                strict=False)])
    assert np.hypot(*shifts.T).max() > 0.1
    # a pan of a hundredth of the width, a zoom, a turn and some shake
    assert np.hypot(*shifts.T).max() < 4
    assert np.hypot(*np.diff(shifts, axis=0).T).max() < 1.5


@pytest.mark.parametrize('seed', range(8))
def test_nothing_comes_from_outside_the_image(seed):
    # a frame beyond the border would be mirrored: a dark line twice
    image = np.full((140, 180, 3), 200, np.uint8)
    image[:3] = image[-3:] = 0
    image[:, :3] = image[:, -3:] = 0
    clip = camera_clip(image, 10, (96, 128), seed, rotation=5.0, shake=0.05,
                       speed=0.1, zoom=0.5)
    assert clip.min() > 150


def test_fine_texture_does_not_alias():
    checks = np.indices((640, 640)).sum(axis=0) % 2 * 255
    image = np.repeat(checks[..., None], 3, axis=2).astype(np.uint8)
    clip = camera_clip(image, 2, (64, 64), 0)
    assert clip.std() < 12


def test_too_small_an_image_says_what_it_needs():
    with pytest.raises(UserError, match=r'photo: expected at least (\d+)x'
                       r'(\d+) pixels .* got 100x100') as error:
        camera_clip(IMAGE[:100, :100], 2, (96, 96), 0, name='photo')
    needed = int(str(error.value).split('at least ')[1].split('x')[0])
    camera_clip(IMAGE[:needed, :needed], 2, (96, 96), 0)


@pytest.mark.parametrize('arguments, message', [
    (dict(image=IMAGE[..., 0]), 'expected uint8 RGB'),
    (dict(image=IMAGE / 255), 'expected uint8 RGB'),
    (dict(size=(16, 64)), 'at least 32 pixels'),
    (dict(num_frames=0), 'num_frames: expected 1'),
    (dict(zoom=0.9), 'zoom: expected 0 to 0.5, got 0.9')])
def test_wrong_arguments(arguments, message):
    good = dict(image=IMAGE, num_frames=2, size=(64, 64), rng=0)
    with pytest.raises(UserError, match=message):
        camera_clip(**{**good, **arguments})
