"""Settings of a model as options, which only Python had before."""

import json

import pytest

from mmderain.cli.derain import build_parser, main
from mmderain.cli.model_settings import check_settings, read_settings
from mmderain.errors import UserError
from tests.helpers.videos import pictures, write_video
from tests.tiny import ROOT

CONFIG = ROOT / 'configs/derainers/ViMPNet/ViMPNet_small.py'


def settings(words):
    args = build_parser().parse_args(['a.mp4', 'b.mp4', *words.split()])
    check_settings(args)
    return read_settings(args)


def test_nothing_is_said_where_nothing_is():
    assert settings('') == {}


@pytest.mark.parametrize(('words', 'test_cfg'), [
    ('--passes 2', dict(passes=2)), ('--no-guard', dict(guard=False)),
    ('--test-cfg stride=2 --test-cfg share=false',
     dict(stride=2, share=False)),
    ('--test-cfg running=True', dict(running=True)),
    ('--test-cfg padding=None', dict(padding=None)),
    ('--passes 2 --test-cfg chroma=rainy',
     dict(passes=2, chroma='rainy'))])
def test_words_become_settings(words, test_cfg):
    assert settings(words) == dict(test_cfg=test_cfg)


def test_a_config_says_them_too():
    test_cfg = settings(f'--config {CONFIG}')['model_config'].model.test_cfg
    assert test_cfg.tile == [64, 64] or test_cfg


@pytest.mark.parametrize(('words', 'said'), [
    ('--test-cfg tile=none', '--tile'), ('--test-cfg passes=2', '--passes'),
    ('--test-cfg guard=false', '--no-guard'),
    ('--test-cfg tile_batch=2 --batch 4', 'it or --batch'),
    ('--test-cfg stride=2 --test-cfg stride=1', 'one value')])
def test_nothing_is_said_twice(words, said):
    with pytest.raises(UserError, match=said):
        settings(words)


@pytest.mark.parametrize('word', ['stride', '=2', 'a b=2', 'stride='])
def test_what_is_no_setting(word, capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args(['a', 'b', '--test-cfg', word])
    assert 'expected KEY=VALUE' in capsys.readouterr().err


@pytest.mark.parametrize('value', ['fast', '1.5', '9' * 5000, '[' * 99999])
def test_what_is_no_number(value, tmp_path, capsys):
    source = write_video(tmp_path / 'a.mp4', pictures(1))
    assert main([str(source), str(tmp_path / 'b.mp4'), '--device', 'cpu',
                 '--test-cfg', f'stride={value}']) == 2
    said = capsys.readouterr().err
    assert 'stride' in said and len(said) < 400


def test_a_config_whose_settings_are_a_list(tmp_path):
    config = tmp_path / 'a.py'
    config.write_text('model = dict(test_cfg=[1])')
    with pytest.raises(UserError, match='expected model.test_cfg to be'):
        settings(f'--config {config}')


def test_they_decide_the_frames(tmp_path, capsys):
    """By the shipped weights: what is computed is noted with the work."""
    source = write_video(tmp_path / 'a.mp4', pictures(6))
    target = tmp_path / 'b.mp4'
    assert main([str(source), '--output-dir', str(tmp_path / 'out'),
                 '--remove', 'streaks', '--passes', '2', '--no-guard',
                 '--device', 'cpu']) == 0
    record = json.loads((tmp_path / 'out' / 'a.mp4.done.json').read_text())
    known = record['settings']['test_cfg']
    assert known['passes'] == 2 and known['guard'] is False
    for words in (['--remove', 'drops'], ['--model', 'fast']):
        assert main([str(source), str(target), '--passes', '2', '--device',
                     'cpu', *words]) == 2
        assert 'passes' in capsys.readouterr().err
