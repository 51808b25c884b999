"""Image files: their order, and that they are written whole."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mmderain.errors import UserError
from mmderain.files import write_whole
from mmderain.media import images
from mmderain.media.images import natural_order, read_image, write_rgb


def test_numbers_count_and_superscripts_are_letters():
    names = ['10.png', '9.png', 'a10', 'a9', '1².png', '1.png', '٣.png']
    assert sorted(names, key=natural_order) == [
        '1.png', '1².png', '٣.png', '9.png', '10.png', 'a9', 'a10']


def test_the_order_is_one_wherever_files_come_from():
    """Folders list their files in any order, and cameras write IMG and img."""
    names = ['001.png', '01.png', '1.png', '2.png', 'a', 'A1', 'a1', 'A2',
             'a3', 'A10']
    for given in (names, names[::-1], sorted(names), names[::2] + names[1::2]):
        assert sorted(given, key=natural_order) == names


def test_a_link_that_leads_nowhere_is_an_image_that_is_missing(tmp_path):
    """Passed over, a frame would be lost without a word."""
    for name in ('1.png', '3.png'):
        write_rgb(tmp_path / name, np.zeros((4, 4, 3), np.uint8))
    (tmp_path / '2.png').symlink_to(tmp_path / 'gone' / '2.png')
    (tmp_path / '4.png').mkdir()
    names = [path.name for path in filter(images.is_image, images.listed(
        tmp_path))]
    assert names == ['1.png', '2.png', '3.png']
    assert not images.is_image(tmp_path / '5.png')
    with pytest.raises(UserError, match=r'2\.png.* a link that leads nowhere'):
        read_image(tmp_path / '2.png')


@pytest.mark.parametrize('suffix', ['.png', '.bmp'])
def test_what_is_written_is_read(tmp_path, suffix):
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, (6, 7, 3), np.uint8)
    path = tmp_path / 'new' / f'a{suffix}'
    write_rgb(path, colour)
    assert np.array_equal(read_image(path), colour)
    # grey images, and those with a channel of their own
    for grey in (colour[..., 0], colour[..., :1]):
        write_rgb(path, grey)
        found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(found, colour[..., 0])
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_kill_leaves_the_old_image(tmp_path, monkeypatch):
    path = tmp_path / 'a.png'
    write_rgb(path, np.zeros((4, 4, 3), np.uint8))
    before = path.read_bytes()

    def killed(*paths):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr('os.replace', killed)
        with pytest.raises(KeyboardInterrupt):
            write_rgb(path, np.ones((4, 4, 3), np.uint8))
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ['a.png']


def test_images_do_not_wait_for_the_disk_but_other_files_do(
        tmp_path, monkeypatch):
    waits = []
    monkeypatch.setattr('os.fsync', waits.append)
    write_rgb(tmp_path / 'a.png', np.zeros((4, 4), np.uint8))
    assert waits == []
    write_whole(tmp_path / 'a.json', '{}')
    assert len(waits) == 1


@pytest.mark.parametrize('write', [
    lambda path: write_rgb(path, np.zeros((2, 2), np.uint8)),
    lambda path: write_whole(path, 'text'),
    lambda path: write_whole(path, b'text', parents=True)])
def test_a_place_that_is_no_folder_is_named(tmp_path, write):
    (tmp_path / 'file').write_text('precious')
    with pytest.raises(UserError, match='file/a.png cannot be written'):
        write(tmp_path / 'file' / 'a.png')
    assert (tmp_path / 'file').read_text() == 'precious'
    assert [path.name for path in tmp_path.iterdir()] == ['file']


def test_a_format_that_cannot_be_written_is_named(tmp_path):
    for path in (tmp_path / 'a.jpgg', Path(tmp_path / 'a')):
        with pytest.raises(UserError, match=rf'{path.name}: expected .*\.png'):
            write_rgb(path, np.zeros((2, 2, 3), np.uint8))
    assert images.is_image(tmp_path / 'a.png') is False
