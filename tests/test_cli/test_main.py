"""One name for every command."""

import importlib
import subprocess
import sys

import pytest

from mmderain.cli import main as command


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
