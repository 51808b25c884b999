import os

import cv2
import numpy as np
import pytest

from mmderain.cli.write_masks import main
from mmderain.datasets import RaindropDataset
from tests.tiny import write_pairs


@pytest.fixture
def root(tmp_path):
    """Twelve pairs with drops at [4:12, 4:12], in doubled folders."""
    write_pairs(tmp_path / 'set' / 'train' / 'train')
    return tmp_path / 'set'


def write(root, *options):
    return main([str(root), *map(str, options)])


def test_masks_are_written_and_read_by_the_data_set(root, capsys):
    assert write(root) == 0
    assert '12 masks, 8.3 % of the pixels' in capsys.readouterr().out
    dataset = RaindropDataset(data_root=str(root), with_mask=True,
                              pipeline=[])
    for index in (0, 10):
        path, = dataset[index]['drop_mask_path']
        assert path.endswith(f'train/train/mask/{index}_mask.png')
        mask = cv2.imread(path, cv2.IMREAD_UNCHANGED)
        expected = np.zeros((24, 32), np.uint8)
        expected[4:12, 4:12] = 255
        assert np.array_equal(mask, expected)


def test_options_reach_the_mask(root, tmp_path):
    """A difference of 60 in each channel."""
    for options, drops in (
            (['--threshold', 60], False),
            (['--threshold', 179, '--reduction', 'sum'], True),
            (['--threshold', 60, '--reduction', 'mean'], False),
            (['--morphology', 11], False)):
        assert write(root, '--overwrite', *options) == 0
        mask = cv2.imread(str(root / 'train/train/mask/3_mask.png'))
        assert mask.any() == drops, options


def test_a_picture_to_judge_by(root, tmp_path, capsys):
    picture = tmp_path / 'masks.png'
    assert write(root, '--picture', picture, '--pairs', 3,
                 '--picture-only') == 0
    assert '3 masks' in capsys.readouterr().out
    assert not (root / 'train/train/mask').exists()
    image = cv2.imread(str(picture))
    assert image.shape == (3 * 24, 4 * 32, 3)
    # the last row: pair 11, its mask, and the outline in red on the drop
    rainy, clean, mask, outlined = np.split(image[48:], 4, axis=1)
    assert (clean == 110).all() and rainy[6, 6, 0] == 170
    assert (mask[4:12, 4:12] == 255).all() and mask.mean() < 30
    assert outlined[4, 6].tolist() == [0, 0, 255]
    assert outlined[7, 7].tolist() == [170] * 3


def test_large_images_are_scaled_down(tmp_path):
    for name, folder in (('0_rain', 'data'), ('0_clean', 'gt')):
        path = tmp_path / 'train' / folder / f'{name}.png'
        path.parent.mkdir(parents=True)
        cv2.imwrite(str(path), np.zeros((480, 720, 3), np.uint8))
    picture = tmp_path / 'masks.png'
    assert write(tmp_path, '--picture', picture) == 0
    assert cv2.imread(str(picture)).shape == (240, 1440, 3)


def test_masks_that_are_there_are_kept(root, capsys):
    assert write(root) == 0
    assert write(root) == 2
    said = capsys.readouterr().err
    assert 'mask/0_mask.png: expected no mask' in said
    assert '--overwrite' in said


def test_a_picture_among_the_images_is_refused(root, capsys):
    image = root / 'train/train/data/5_rain.png'
    before = image.read_bytes()
    for place in (image, image.with_name('9_rain.png'),
                  root / 'train/train/mask/5_mask.png'):
        assert write(root, '--picture', place, '--overwrite') == 2
        assert 'expected a place outside of' in capsys.readouterr().err
    assert image.read_bytes() == before


@pytest.mark.parametrize('options, message', [
    (['--split', 'test_a'], 'test_a/data: no such folder'),
    (['--threshold', '-4'], 'threshold: expected levels of 8 bits'),
    (['--picture-only'], 'expected --picture FILE.png')])
def test_mistakes_are_named(root, capsys, options, message):
    assert write(root, *options) == 2
    assert message in capsys.readouterr().err


def test_an_unpaired_image_stops_before_any_mask(root, capsys):
    (root / 'train/train/gt/5_clean.png').unlink()
    assert write(root) == 2
    assert '5_rain.png: no 5_clean' in capsys.readouterr().err
    assert not (root / 'train/train/mask').exists()


@pytest.mark.parametrize('there', ['link', 'folder'])
def test_what_is_no_mask_is_never_replaced(root, capsys, there):
    """Such as a link to a disk that is not there just now."""
    place = root / 'train/train/mask/5_mask.png'
    place.parent.mkdir()
    if there == 'link':
        place.symlink_to('/nowhere/5_mask.png')
    else:
        place.mkdir()
    for options in ([], ['--overwrite']):
        assert write(root, *options) == 2
        said = capsys.readouterr().err
        assert f'the place of a mask, but a {there}' in said
        assert 'Move it away' in said
        # nor is half a set written
        assert os.listdir(place.parent) == [place.name]
    assert place.is_symlink() or place.is_dir()


def test_a_file_in_the_place_of_the_folder_of_masks(root, capsys):
    place = root / 'train/train/mask'
    place.write_text('precious')
    assert write(root, '--overwrite') == 2
    assert 'but a file is there' in capsys.readouterr().err
    assert place.read_text() == 'precious'


def test_who_stops_is_told_how_to_go_on(root, capsys, monkeypatch):
    masks = []

    def stopped(rainy, *options):
        masks.append(rainy)
        if len(masks) == 3:
            raise KeyboardInterrupt
        return rainy[..., 0]

    with monkeypatch.context() as during:
        during.setattr('mmderain.cli.write_masks.raindrop_mask', stopped)
        assert write(root) == 130
    assert 'the same command with --overwrite' in capsys.readouterr().err
    assert len(os.listdir(root / 'train/train/mask')) == 2
    assert write(root, '--overwrite') == 0
