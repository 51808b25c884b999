"""The examples that ``--help`` shows are understood; those of derain run."""

import importlib
import re
import shlex

import pytest

from mmderain.cli import derain
from mmderain.cli import main as command
from mmderain.cli.command_parser import EXAMPLES
from mmderain.paths import our_configs
from tests.helpers.videos import pictures, times, write_video
from tests.tiny import ROOT


def test_every_command_has_one():
    assert set(EXAMPLES) == set(command.COMMANDS)
    assert all(EXAMPLES.values())


@pytest.mark.parametrize(('name', 'words'), [
    (name, words) for name, lines in EXAMPLES.items() for words in lines])
def test_the_parser_understands_it_and_help_shows_it(name, words):
    module = importlib.import_module(
        f'mmderain.cli.{command.COMMANDS[name][0]}')
    parser = module.build_parser()
    parser.parse_args(shlex.split(words.partition(' > ')[0]))
    assert f'\n  mmderain {name} {words}'.rstrip() in parser.format_help()
    for config in re.findall(r'configs/\S+', words):
        assert (ROOT / config).is_file()


@pytest.mark.parametrize('name', ['train', 'test', 'check-data'])
def test_configs_are_listed_that_need_no_path(name):
    module = importlib.import_module(
        f'mmderain.cli.{command.COMMANDS[name][0]}')
    said = module.build_parser().format_help()
    listed = said[said.index('configs of mmderain'):].split()
    assert {*our_configs()} <= {*listed}
    assert max(map(len, said[said.index('configs of'):].splitlines())) < 80


def test_examples_come_before_the_options():
    said = derain.build_parser().format_help()
    assert said.index('examples:') < said.index('options:')


def test_what_is_used_most_comes_first():
    """In the first group, which fits on a screen with what is before it."""
    said = derain.build_parser().format_help()
    first = said[:said.index('how it is computed')]
    assert len(first.splitlines()) <= 60
    for option in ('--output', '--model', '--remove', '--start', '--end',
                   '--preview', '--overwrite', '--resume', '--device'):
        assert f'{option} ' in first or f'{option}\n' in first


def test_the_examples_of_derain_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / 'rainy.mp4', pictures(4))
    (tmp_path / 'cards').mkdir()
    write_video(tmp_path / 'cards' / 'a.mp4', pictures(4))
    first, second, third, _, part = map(shlex.split, EXAMPLES['derain'])
    assert command.main(['derain', *first]) == 0
    assert command.main(['derain', *second]) == 0
    assert times(tmp_path / 'clean' / 'rainy.mp4') == times(
        tmp_path / 'clean.mp4')
    assert command.main(['derain', *third]) == 0
    assert '1 to do' in capsys.readouterr().out
    # of a clip that is shorter
    short = [word.replace('1:30', '1f').replace('2:00', '3f')
             .replace('clean', 'part') for word in part]
    assert command.main(['derain', *short]) == 0
    assert len(times(tmp_path / 'part.preview.mp4')) == 2
