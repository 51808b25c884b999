"""What pictures say beside their pixels is named where it is lost."""

import numpy as np
import pytest
from PIL import Image, ImageCms

from mmderain.media.image_metadata import beside_pixels
from mmderain.media.losses import image_losses

KINDS = ['a.jpg', 'a.png', 'a.webp', 'a.tif']
CAMERA, PROFILE = 'what the camera wrote (Exif)', 'the colour profile'


def saved(path, **settings):
    levels = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    Image.fromarray(levels).save(path, **settings)
    return path


@pytest.fixture
def wide():
    """A profile of other colours than those of sRGB."""
    return ImageCms.ImageCmsProfile(
        ImageCms.createProfile('LAB')).tobytes()


@pytest.mark.parametrize('name', KINDS)
def test_a_profile_is_named(tmp_path, name, wide):
    path = saved(tmp_path / name, icc_profile=wide)
    assert beside_pixels(path.read_bytes()) == [PROFILE]
    assert image_losses(path) == [f'not kept: {PROFILE}']


@pytest.mark.parametrize('name', KINDS)
def test_srgb_is_what_is_taken_anyway(tmp_path, name):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
    assert image_losses(saved(tmp_path / name, icc_profile=srgb)) == []
    assert image_losses(saved(tmp_path / name)) == []


@pytest.mark.parametrize('name', KINDS[:3])
def test_what_a_camera_wrote_is_named(tmp_path, name):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert image_losses(saved(tmp_path / name, exif=exif)) == []
    exif[0x010F] = 'a camera'
    assert image_losses(saved(tmp_path / name, exif=exif)) == [
        f'not kept: {CAMERA}']


@pytest.mark.parametrize('name', KINDS)
def test_what_is_damaged_says_what_it_can(tmp_path, name, wide):
    content = saved(tmp_path / name, icc_profile=wide).read_bytes()
    for end in (*range(0, 700, 7), len(content) // 2):
        beside_pixels(content[:end])
    rng = np.random.default_rng(0)
    for _ in range(300):
        changed = bytearray(content)
        for place in rng.integers(0, min(len(content), 900), 3):
            changed[place] = rng.integers(256)
        beside_pixels(bytes(changed))
