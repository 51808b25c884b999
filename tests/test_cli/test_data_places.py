"""Who has no data where a config looks for them is told how to say where."""

import pytest

from mmderain.cli import check_data, test, train
from mmderain.cli.data_places import what_decides


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder beside which there are no data."""
    (tmp_path / 'here').mkdir()
    monkeypatch.chdir(tmp_path / 'here')
    monkeypatch.delenv('VRDS_ROOT', raising=False)


def test_training_names_the_variable(capsys):
    assert train.main(['ViMPNet_small', '--work-dir', 'work']) == 2
    said = capsys.readouterr().err
    assert '../data/lq: no such folder' in said
    assert 'export VRDS_ROOT=/path/to/the/data' in said


def test_testing_does_as_well(checkpoint, capsys):
    assert test.main(['ViMPNet_small', str(checkpoint), '--work-dir',
                      'work']) == 2
    assert 'export VRDS_ROOT=' in capsys.readouterr().err


def test_checking_names_it_once(capsys):
    assert check_data.main(['ViMPNet_small']) == 1
    assert capsys.readouterr().out.count('export VRDS_ROOT=') == 1


def test_what_is_set_is_named(monkeypatch, capsys):
    monkeypatch.setenv('VRDS_ROOT', '/no/such')
    assert check_data.main(['ViMPNet_small']) == 1
    said = capsys.readouterr().out
    assert 'VRDS_ROOT in the environment says so. If they are' in said
    assert 'export' not in said


class Read:
    text = ("train_root = '{{$CLIPS_ROOT:../data/clips}}'\n"
            "held_out_root = '{{$HELD_OUT_ROOT:../data/held_out}}'\n"
            "start = '{{$START:}}'\n")


@pytest.mark.parametrize(('problems', 'names'), [
    ('../data/clips/clips.npy: no such file', ['CLIPS_ROOT']),
    ('../data/clips: expected', ['CLIPS_ROOT']),
    ('looked into\n  ../data/held_out/test', ['HELD_OUT_ROOT']),
    ('../data/clips_of_mine/clips.npy: no such file', []),
    ('/else/../data/clips: no such file', []),
    ('/data: no such folder', [])])
def test_only_what_it_is_due_to(monkeypatch, problems, names):
    for name in ('CLIPS_ROOT', 'HELD_OUT_ROOT', 'START'):
        monkeypatch.delenv(name, raising=False)
    lines = what_decides(Read, problems)
    assert [name for name in ('CLIPS_ROOT', 'HELD_OUT_ROOT', 'START')
            if any(f'export {name}=' in line for line in lines)] == names


@pytest.mark.parametrize(('value', 'says'), [
    ('', 'VRDS_ROOT in the environment is empty'),
    ("/data/Bob's", 'VRDS_ROOT in the environment is "/data/Bob\'s"'),
    ('a\nb', r"VRDS_ROOT in the environment is 'a\nb'"),
    ('a\\d', 'VRDS_ROOT in the environment is'),
    ('n\udcff', 'VRDS_ROOT in the environment is')])
def test_values_that_no_config_takes(monkeypatch, capsys, value, says):
    """MMEngine puts them into the text of a base of the config."""
    monkeypatch.setenv('VRDS_ROOT', value)
    assert check_data.main(['ViMPNet_small']) == 2
    said = capsys.readouterr().err
    assert says in said
    assert 'link' in said if value else 'unset VRDS_ROOT' in said
    assert 'Leave other Python out' not in said
