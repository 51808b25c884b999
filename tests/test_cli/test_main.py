"""One name for every command."""

import importlib
import os
import subprocess
import sys

import pytest

from mmderain.cli import main as command
from tests.tiny import ROOT


def test_no_command_is_lost():
    assert set(command._COMMANDS) >= {
        'derain', 'evaluate', 'models', 'check-data', 'compare', 'benchmark',
        'convert', 'synthesize', 'render-clips', 'align-clips', 'write-masks'}


def test_help_lists_every_command(capsys):
    assert command.main(['--help']) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in command._COMMANDS)


@pytest.mark.parametrize('name', command._COMMANDS)
def test_every_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main([name, '--help'])
    assert stopped.value.code == 0
    assert 'usage' in capsys.readouterr().out


def test_an_unknown_command_is_answered_with_the_known(capsys):
    assert command.main(['derian']) == 2
    said = capsys.readouterr().err
    assert "no command 'derian'" in said
    assert 'check-data' in said


def test_the_command_is_installed():
    entry = importlib.metadata.entry_points(name='mmderain')
    assert [point.value for point in entry] == ['mmderain.cli.main:main']


def test_asking_for_help_does_not_import_mmagic_models():
    code = ('import sys; from mmderain.cli.main import main; main([]); '
            'assert "mmagic.models" not in sys.modules')
    subprocess.run([sys.executable, '-W', 'ignore', '-c', code], check=True,
                   capture_output=True)


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
        'benchmark', 'demo', 'tensorflow_to_npz'}
