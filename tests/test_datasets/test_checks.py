"""check-data reads every pixel."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmderain.cli.check_data import main
from tests.tiny import write_config


@pytest.fixture
def root(vrds, tmp_path) -> Path:
    return Path(shutil.copytree(vrds, tmp_path / 'set'))


@pytest.fixture
def check(root, tmp_path, capsys):
    """Run the command on a set; returns its status and what it printed."""
    config = write_config(tmp_path / 'config.py', root)

    def run(*options):
        status = main([str(config), *options])
        return status, capsys.readouterr().out

    return run


def test_good_data(check):
    status, said = check()
    assert status == 0
    assert 'train: 3 sequences, 18 frames, no problems' in said
    assert 'test: 3 sequences, 12 frames, no problems' in said


def truncated(path):
    image = np.random.default_rng(0).integers(0, 255, (36, 44, 3), np.uint8)
    cv2.imwrite(str(path), image)
    path.write_bytes(path.read_bytes()[:2000])
    return 'cannot be decoded'


def zeros_and_ones(path):
    cv2.imwrite(str(path), cv2.imread(str(path), 0) // 255)
    return 'values up to 1, drop_mask should use 0 to 255'


def coloured(path):
    image = np.zeros((36, 44, 3), np.uint8)
    image[..., 0] = 200
    cv2.imwrite(str(path), image)
    return 'has colours, drop_mask should be grey'


def sixteen_bits(path):
    cv2.imwrite(str(path), np.full((36, 44), 40000, np.uint16))
    return 'expected 8 bits a channel'


@pytest.mark.parametrize('spoil', [truncated, zeros_and_ones, coloured,
                                   sixteen_bits])
def test_bad_pixels_are_named(root, check, spoil):
    path = root / '01drop' / '001' / '00000002.png'
    expected = spoil(path)
    status, said = check()
    assert status == 1
    assert f'{path}: ' in said
    assert expected in said
    assert 'test: 3 sequences' in said


def test_a_missing_folder_is_a_problem_of_its_part(root, check):
    shutil.rmtree(root / 'testgt')
    status, said = check()
    assert status == 1
    assert 'train: 3 sequences' in said
    assert 'no such folder (data_prefix.gt)' in said


def test_options_reach_the_config(check, tmp_path):
    status, said = check('--cfg-options',
                         f'train_dataloader.dataset.data_root={tmp_path}/no')
    assert status == 1
    assert f'{tmp_path}/no/lq: no such folder' in said


def test_a_missing_config_is_named(capsys):
    assert main(['nothing.py']) == 2
    assert 'There is no config nothing.py' in capsys.readouterr().err
