"""Configs are found by what people call them, from any folder."""

import shutil

import pytest

import mmderain
from mmderain import paths
from mmderain.cli.check_data import main as check_data
from mmderain.cli.common import read_config
from mmderain.cli.train import build_parser, load_config
from mmderain.errors import ConfigError
from tests.tiny import ROOT


@pytest.fixture(params=['checkout', 'wheel'])
def elsewhere(request, tmp_path, monkeypatch):
    """A folder without configs; the package as a wheel has it, or not."""
    if request.param == 'wheel':
        package = tmp_path / 'site-packages' / 'mmderain'
        shutil.copytree(ROOT / 'configs', package / '.mim' / 'configs')
        monkeypatch.setattr(paths, '_PACKAGE', package)
    folder = tmp_path / 'here'
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize('name', [
    'ViMPNet_small', 'ViMPNet_small.py', 'ViMPNet/ViMPNet_small.py',
    'ViMPNet/ViMPNet_small', 'configs/derainers/ViMPNet/ViMPNet_small.py'])
def test_a_config_is_found_by_its_name(elsewhere, name):
    wanted = mmderain.config_path('ViMPNet/ViMPNet_small.py')
    assert read_config(name, {}).filename == wanted
    args = build_parser().parse_args([name])
    assert load_config(args).work_dir == 'work_dirs/ViMPNet_small'


def test_a_file_of_ones_own_goes_first(elsewhere):
    mine = elsewhere / 'ViMPNet_small.py'
    mine.write_text('crop_size = 8\n')
    assert read_config('ViMPNet_small.py', {}).crop_size == 8
    # what has no ending is a name
    assert read_config('ViMPNet_small', {}).crop_size == 64


def test_a_folder_beside_is_no_config(elsewhere):
    (elsewhere / 'ViMPNet').mkdir()
    assert read_config('ViMPNet', {}).crop_size == 256


@pytest.mark.parametrize(('name', 'near'), [
    ('vimpnet', 'ViMPNet'), ('attentive_gan', 'AttentiveGAN'),
    ('EEVRSR_SMALL.py', 'EEVRSR_small')])
def test_names_of_methods_are_answered_with_their_configs(
        elsewhere, name, near, capsys):
    assert check_data([name]) == 2
    assert f'Did you mean {near}?' in capsys.readouterr().err


@pytest.mark.parametrize('name', ['ViMPNet_smal', 'ViMPNet_smal.py'])
def test_a_misspelt_name_is_answered_with_what_is_near(
        elsewhere, name, capsys):
    assert check_data([name]) == 2
    said = capsys.readouterr().err
    assert 'ViMPNet_small' in said and said.count('\n') == 1


@pytest.mark.parametrize('name', ['_base_/default_runtime.py', '../setup.py'])
def test_parts_and_what_lies_outside_are_no_names(elsewhere, name):
    with pytest.raises(ConfigError, match='There is no config'):
        read_config(name, {})


def test_names_are_one_configs_each():
    names = [path.stem for path in paths.config_root().glob('*/*.py')
             if path.parent.name != '_base_']
    assert len(names) == len(set(names))
