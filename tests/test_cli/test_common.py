"""How a command ends, whatever happens in it."""

import importlib
import os
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import pytest

from mmderain.cli import main as command
from mmderain.cli.common import (
    read_config,
    require_local_checkpoint,
    run,
)
from mmderain.cli.places import require_apart, require_place
from mmderain.errors import CheckpointError, ConfigError, UserError
from tests.tiny import ROOT


def raising(error):
    def do():
        raise error
    return do


@pytest.mark.parametrize(('error', 'status', 'said'), [
    (UserError('a.png is empty'), 2, 'error: a.png is empty\n'),
    (PermissionError(13, 'Permission denied', 'a.png'), 2, 'error: a.png: '),
    (MemoryError(), 2, 'too little memory'),
    (KeyboardInterrupt(), 130, 'stopped\n')])
def test_what_a_user_can_mend_has_no_traceback(capsys, error, status, said):
    assert run(raising(error)) == status
    assert said in capsys.readouterr().err


def test_a_fault_is_called_one_before_its_traceback(capsys):
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError('division by zero')))
    said = capsys.readouterr().err
    assert said.startswith('This is a fault of mmderain')
    assert 'report' in said


def test_a_current_folder_that_is_gone(tmp_path):
    (tmp_path / 'gone').mkdir()
    done = subprocess.run(
        ['sh', '-c', 'rmdir ../gone; exec "$0" -m mmderain derain a b',
         sys.executable], cwd=tmp_path / 'gone', capture_output=True,
        text=True, env={**os.environ, 'PYTHONPATH': str(ROOT)}, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        'error: The current folder has been removed. Change into another one '
        '(cd), and run again.']


@pytest.mark.parametrize(('processes', 'left'), [(2, [2]), (1, [])])
def test_beside_others_an_error_ends_a_process_at_once(
        monkeypatch, capsys, processes, left):
    """Or gloo may abort it, and its status would be lost."""
    monkeypatch.setitem(sys.modules, 'torch.distributed', SimpleNamespace(
        is_initialized=lambda: True, get_world_size=lambda: processes))
    ended = []
    monkeypatch.setattr(os, '_exit', ended.append)
    assert run(raising(UserError('a.png is empty'))) == 2
    assert ended == left
    assert 'a.png is empty' in capsys.readouterr().err


def test_ctrl_c_while_a_command_is_imported(monkeypatch, capsys):
    monkeypatch.setattr(importlib, 'import_module',
                        lambda name: raising(KeyboardInterrupt())())
    assert command.main(['models']) == 130
    assert capsys.readouterr().err == 'stopped\n'


def test_ctrl_c_that_a_library_calls_something_else(capsys):
    def formatted():
        try:
            raise KeyboardInterrupt
        except BaseException as error:
            raise SyntaxError('fix the input') from error

    assert run(formatted) == 130
    assert capsys.readouterr().err == 'stopped\n'


@pytest.mark.parametrize('tool', [
    'train', 'test', 'benchmark', 'convert_checkpoint', 'synthesize_rain'])
def test_ctrl_c_while_a_tool_reads_its_arguments(tool):
    code = f'''
import argparse, runpy
def parse(*args):
    raise KeyboardInterrupt
argparse.ArgumentParser.parse_known_args = parse
runpy.run_path({str(ROOT / 'tools' / tool)!r} + '.py', run_name='__main__')
'''
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', code],
                          env=dict(os.environ, PYTHONPATH=str(ROOT)),
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, 'stopped\n')


def test_nobody_reads_on():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, 'w') as closed:
        done = subprocess.run(
            [sys.executable, '-W', 'ignore', '-m', 'mmderain', 'models'],
            env=dict(os.environ, PYTHONPATH=str(ROOT)), stdout=closed,
            stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == 'stopped: nobody reads on what is printed\n'


def test_places_are_looked_at_before_the_work(tmp_path):
    (tmp_path / 'file').write_text('x')
    require_place('--out', None)
    require_place('--out', tmp_path / 'new' / 'a.json')
    require_place('--out', tmp_path / 'file')
    require_place('--out', tmp_path / 'new', is_folder=True)
    for path, is_folder in ((tmp_path, False), (tmp_path / 'file', True),
                            (tmp_path / 'file' / 'a.json', False)):
        with pytest.raises(UserError, match='--out .*Choose another'):
            require_place('--out', path, is_folder)
    require_place('--out', tmp_path / 'file', overwrite=True)
    (tmp_path / 'link').symlink_to(tmp_path / 'nowhere')
    with pytest.raises(UserError, match='a link that leads nowhere'):
        require_place('--out', tmp_path / 'link')
    (tmp_path / 'empty').mkdir()
    require_place('--out', tmp_path / 'empty', True, overwrite=False)
    for path in (tmp_path, tmp_path / 'file'):
        with pytest.raises(UserError, match='there already. Add --overwrite'):
            require_place('--out', path, path.is_dir(), overwrite=False)


def test_a_file_of_another_in_a_folder_of_all_is_no_place(
        tmp_path, monkeypatch):
    (tmp_path / 'a.json').write_text('precious')
    tmp_path.chmod(0o1777)
    require_place('--json', tmp_path / 'a.json')
    monkeypatch.setattr('os.geteuid', lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(UserError, match="--json: .*a.json .* another user's"):
        require_place('--json', tmp_path / 'a.json')


@pytest.mark.parametrize('closed', ['>&-', '2>&-', '>&- 2>&-'])
def test_closed_streams_are_no_fault(tmp_path, closed):
    """As some schedulers start programs."""
    done = subprocess.run(
        ['bash', '-c', f'"$0" -W ignore -m mmderain models {closed}',
         sys.executable], cwd=ROOT, capture_output=True, text=True,
        check=False)
    assert done.returncode == 0, done.stderr
    assert 'Traceback' not in done.stderr


_WORKS_ON = '''
import sys
from pathlib import Path
from tqdm import tqdm
from mmderain.cli.common import run

def work():
    for number in tqdm(range(3), mininterval=0):
        print(number)
        tqdm.write('x' * 10000)
        print('noted', file=sys.stderr, flush=True)
        Path(sys.argv[1]).write_text(str(number))

sys.exit(run(work))
'''


@pytest.mark.skipif(not os.path.exists('/dev/full'),
                    reason='there is no /dev/full')
@pytest.mark.parametrize('full', ['>', '2>'])
@pytest.mark.parametrize('unbuffered', ['', '1'])
def test_words_that_are_lost_are_not_the_work(tmp_path, full, unbuffered):
    """A weekend of work does not end with a log's disk."""
    done = subprocess.run(
        ['bash', '-c', f'"$0" -c "$1" "$2" {full} /dev/full', sys.executable,
         _WORKS_ON, tmp_path / 'done'],
        env={**os.environ, 'PYTHONUNBUFFERED': unbuffered}, cwd=ROOT,
        capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (tmp_path / 'done').read_text() == '2'
    if full == '>':
        assert 'error: all is done, but what was to be' in done.stderr
        assert 'Free some space' not in done.stderr
    assert 'Exception' not in done.stderr and 'Trace' not in done.stderr


@pytest.mark.skipif(not os.path.exists('/dev/full'),
                    reason='there is no /dev/full')
@pytest.mark.parametrize('option', ['--help', '--version'])
def test_help_that_is_lost(option):
    done = subprocess.run(
        ['bash', '-c', '"$0" -m mmderain "$1" > /dev/full', sys.executable,
         option], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'cannot be written: No space left' in done.stderr
    assert 'Exception' not in done.stderr and 'Trace' not in done.stderr


def test_outputs_that_would_replace_each_other(tmp_path):
    folder, file = tmp_path / 'out', tmp_path / 'out' / 'a.json'
    require_apart(plot=folder, json=file, csv=None)
    require_apart(save_path=folder, out=folder / '000' / 'metrics.json')
    for places in (dict(json=file, csv=folder / '..' / 'out' / 'a.json'),
                   dict(save_path=folder, out=folder / '000' / '0.png')):
        with pytest.raises(UserError, match='would replace each other'):
            require_apart(**places)


def test_a_config_without_a_place_for_short_lived_files(tmp_path, monkeypatch):
    """MMEngine's last lines fall over what was not begun, and hide why."""
    path = tmp_path / 'config.py'
    path.write_text('a = 1\n')
    (tmp_path / 'file').touch()
    # PyTorch makes a folder there when it is imported
    importlib.import_module('mmderain.engine.config_values')
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path / 'file'))
    with pytest.raises(ConfigError) as error:
        read_config(str(path), {})
    assert 'TMPDIR' in str(error.value) and 'file' in str(error.value)
    assert 'UnboundLocalError' not in str(error.value)
    assert 'Leave other Python out' not in str(error.value)


def test_files_of_tensorflow_are_converted_first(tmp_path):
    (tmp_path / 'model.ckpt.index').touch()
    with pytest.raises(CheckpointError, match='mmderain convert eevrsr'):
        require_local_checkpoint(str(tmp_path / 'model.ckpt'))
