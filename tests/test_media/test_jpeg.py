"""A damaged JPEG is told from a whole one."""

import io

import numpy as np
import pytest
from PIL import Image

from mmderain.errors import DataError
from mmderain.media.images import read_image
from tests.helpers.videos import pictures

KINDS = [dict(quality=90), dict(quality=90, progressive=True),
         dict(quality=75, optimize=True), dict(quality=95, subsampling=0),
         dict(quality=80, restart_marker_blocks=4)]


def jpeg(mode='RGB', flat=False, **options):
    image = Image.fromarray(pictures(1, (96, 128))[0]).convert(mode)
    if flat:
        image = Image.new('RGB', (96, 128), (40, 90, 200))
    buffer = io.BytesIO()
    image.save(buffer, 'jpeg', **options)
    return buffer.getvalue()


@pytest.mark.parametrize('options', [
    *KINDS, dict(mode='L'), dict(mode='CMYK'), dict(flat=True, optimize=True),
    dict(exif=b'Exif\0\0MM\0*\0\0\0\x08\0\0')])
@pytest.mark.parametrize('behind', [b'', bytes(99), b'a video of the phone'])
def test_whole_ones_are_read(tmp_path, options, behind):
    path = tmp_path / 'a.jpg'
    path.write_bytes(jpeg(**options) + behind)
    assert read_image(path).shape[2] == 3


def test_stray_bytes_of_cameras_are_none_of_the_picture(tmp_path):
    whole = jpeg(quality=90)
    assert whole.endswith(b'\xff\xd9')
    (tmp_path / 'a.jpg').write_bytes(whole[:-2] + b'\0\0\0\xff\xd9')
    (tmp_path / 'b.jpg').write_bytes(whole)
    np.testing.assert_array_equal(read_image(tmp_path / 'a.jpg'),
                                  read_image(tmp_path / 'b.jpg'))


def test_freedoms_of_cameras_are_no_damage(tmp_path):
    whole = bytearray(jpeg(quality=90))
    start = whole.index(b'\xff\xda')
    # the three bytes behind the components, which only progressive ones use
    first = start + 5 + 2 * whole[start + 4]
    assert bytes(whole[first:first + 3]) == b'\x00\x3f\x00'
    whole[first + 1] = 0
    (tmp_path / 'a.jpg').write_bytes(whole)
    assert read_image(tmp_path / 'a.jpg').shape == (96, 128, 3)


@pytest.mark.parametrize('options', KINDS)
@pytest.mark.parametrize('damage', [
    lambda content: content[:-40],
    lambda content: content[:len(content) // 2],
    lambda content: content[:len(content) // 2] + bytes(900)
    + content[len(content) // 2 + 900:]])
def test_damaged_ones_are_refused(tmp_path, options, damage):
    path = tmp_path / 'a.jpg'
    path.write_bytes(damage(jpeg(**options)))
    with pytest.raises(DataError, match=r'a\.jpg: expected (a whole JPEG '
                       'image, but it is cut|an image, but it cannot)'):
        read_image(path)
