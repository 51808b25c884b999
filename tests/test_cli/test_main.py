"""One name for every command."""

import importlib
import os
import subprocess
import sys

import pytest

from mmderain.cli import main as command
from mmderain.version import __version__
from tests.tiny import ROOT


def test_no_command_is_lost():
    assert set(command.COMMANDS) >= {
        'derain', 'evaluate', 'models', 'check-data', 'compare', 'benchmark',
        'convert', 'synthesize', 'render-clips', 'align-clips', 'write-masks'}


def test_help_lists_every_command(capsys):
    assert command.main(['--help']) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in command.COMMANDS)


@pytest.mark.parametrize('name', command.COMMANDS)
def test_every_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main([name, '--help'])
    assert stopped.value.code == 0
    assert 'usage' in capsys.readouterr().out


def test_what_removes_rain_is_listed_first(capsys):
    command.main(['--help'])
    said = capsys.readouterr().out
    assert said.index('  derain') == min(
        said.index(f'\n  {name} ') + 1 for name in command.COMMANDS)


def test_an_unknown_command_is_answered_with_the_known(capsys):
    assert command.main(['derian']) == 2
    said = capsys.readouterr().err
    assert "no command 'derian'. Did you mean derain?" in said
    assert 'check-data' in said


@pytest.mark.parametrize('words', [
    ['rainy.mp4', 'clean.mp4'], ['-i', 'rainy.mp4', '-o', 'clean.mp4'],
    ['rtsp://camera/1', 'clean.mkv'], ['cards/', 'clean/']])
def test_paths_without_a_command_are_answered_with_derain(words, capsys):
    assert command.main(words) == 2
    assert (f'mmderain derain {" ".join(words)}\n'
            in capsys.readouterr().err)


@pytest.mark.parametrize('words', [['help'], ['-h'], []])
def test_help_is_a_command_as_elsewhere(words, capsys):
    assert command.main(words) == 0
    assert 'check-data' in capsys.readouterr().out


def test_help_of_a_command(capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(['help', 'derain'])
    assert stopped.value.code == 0
    assert 'usage: mmderain derain' in capsys.readouterr().out
    assert command.main(['help', 'derian']) == 2
    assert 'Did you mean derain?' in capsys.readouterr().err


def test_the_command_is_installed():
    entry = importlib.metadata.entry_points(name='mmderain')
    assert [point.value for point in entry] == ['mmderain.cli.main:main']


def test_the_package_runs_where_no_command_is_installed(tmp_path):
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-m', 'mmderain', 'models'],
        cwd=tmp_path, env=dict(os.environ, PYTHONPATH=str(ROOT)),
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert 'aligned_median' in done.stdout


def test_tools_holds_no_second_spelling_of_a_command():
    """But those of the original projects and of the contract of names."""
    assert {path.stem for path in (ROOT / 'tools').glob('*.py')} == {
        'train', 'test', 'convert_checkpoint', 'synthesize_rain',
        'average_weights', 'benchmark', 'demo', 'named_clip', 'scaling',
        'score_lens_drops', 'score_streaks', 'tensorflow_to_npz'}


@pytest.mark.parametrize('word', ['--version', '-V', 'version'])
def test_the_version(word, capsys):
    assert command.main([word]) == 0
    assert capsys.readouterr().out == f'mmderain {__version__}\n'


SLOW = {'torch', 'mmengine', 'mmagic', 'mmcv', 'cv2', 'av'}
# what their options are named by are settings of what draws the rain
DRAWING = {'synthesize', 'render-clips', 'render-lens-clips',
           'write-masks'}


def imported_by(code):
    """Which of the slow packages a fresh process has imported after code."""
    done = subprocess.run(
        [sys.executable, '-c', f'{code}\nimport sys\nprint("imported:", '
         '*sys.modules)'], check=True, capture_output=True, text=True)
    return SLOW & set(done.stdout.rpartition('imported:')[2].split())


def test_importing_the_package_imports_nothing_slow():
    assert imported_by('import mmderain') == set()


@pytest.mark.parametrize('words', [
    '', '--help', '--version', 'models', 'derian',
    'derain --bogus', 'derain a.mp4', 'derain a b --model nothing',
    'derain a b --checkpoint nothing.pth', 'derain a b --tile 0',
    'train', 'train nothing.py', 'train a.py --cfg-options b',
    'test', 'test nothing.py nothing.pth', 'check-data nothing.py',
    'convert nothing a b', 'ship-weights nothing.pth name',
    'evaluate a b --protocol nothing', 'compare a b --protocol nothing',
    'benchmark nothing', 'benchmark vimpnet --size 3',
    'align-clips a --workers 0',
    *(f'{name} --help' for name in command.COMMANDS)])
def test_help_and_complaints_import_nothing_slow(words):
    code = f'''
from contextlib import suppress
from mmderain.cli.main import main
with suppress(SystemExit):
    main({words.split()})
'''
    name = words.partition(' ')[0]
    assert imported_by(code) <= ({'cv2', 'av'} if name in DRAWING else set())
