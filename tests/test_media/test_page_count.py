"""Counted as Pillow counts them."""

import struct

import numpy as np
import pytest
from PIL import Image

from mmderain.media.page_count import count_pages


def pages(count, mode='RGB'):
    rng = np.random.default_rng(0)
    images = [Image.fromarray(rng.integers(
        0, 255, (20, 30, 3), dtype=np.uint8)) for _ in range(count)]
    return [image.convert(mode) for image in images]


def write(path, images, **options):
    images[0].save(path, save_all=len(images) > 1,
                   append_images=images[1:], **options)
    return path


@pytest.mark.parametrize('count', [1, 2, 5])
@pytest.mark.parametrize(('name', 'options'), [
    ('a.png', {}), ('a.png', dict(default_image=True)), ('a.webp', {}),
    ('a.webp', dict(lossless=True)), ('a.tif', {}),
    ('a.tif', dict(big_tiff=True)), ('a.tif', dict(compression='jpeg'))])
def test_frames_and_pages(tmp_path, name, options, count):
    if count == 1:
        options.pop('default_image', None)
    path = write(tmp_path / name, pages(count), **options)
    with Image.open(path) as image:
        assert count_pages(path) == image.n_frames >= count


def test_big_end_first(tmp_path):
    images = [Image.fromarray(np.zeros((8, 9), '>u2')) for _ in range(3)]
    path = write(tmp_path / 'a.tif', images)
    assert path.read_bytes()[:2] == b'MM'
    assert count_pages(path) == 3


def test_a_smaller_copy_is_no_page(tmp_path):
    first, second = pages(2)
    path = write(tmp_path / 'a.tif', [first, second.resize((15, 10))])
    assert count_pages(path) == 1


@pytest.mark.parametrize('name', ['a.png', 'a.webp', 'a.tif'])
def test_what_is_cut_off_is_counted_without_an_error(tmp_path, name):
    whole = write(tmp_path / name, pages(3)).read_bytes()
    for length in [*range(0, 64), *range(64, len(whole), 97)]:
        path = tmp_path / f'cut_{name}'
        path.write_bytes(whole[:length])
        assert 1 <= count_pages(path) <= 3


def test_a_circle_of_pages_ends(tmp_path):
    path = tmp_path / 'a.tif'
    path.write_bytes(b'II*\0' + struct.pack('<IHI', 8, 0, 8))
    assert count_pages(path) == 1
