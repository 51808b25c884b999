"""The scripts as a user types them."""

import json
import os
import socket
import subprocess
import sys

import pytest
import torch
from torch.distributed import run as torchrun

from mmderain.cli import launch
from mmderain.errors import UserError
from tests.test_engine.helpers import train
from tests.tiny import ROOT, write_config, write_vrds


def script(name, *arguments, **environment):
    """Run one of tools/; returns (status, what it printed)."""
    done = subprocess.run(
        [str(ROOT / 'tools' / name), *map(str, arguments)],
        env=dict(os.environ, PYTHON=sys.executable, **environment),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    return done.returncode, done.stdout


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """A config, and a checkpoint of a short run with it."""
    from mmengine.config import Config
    folder = tmp_path_factory.mktemp('trained')
    root = write_vrds(folder / 'data', test_sequences=3)
    path = write_config(folder / 'config.py', root)
    cfg = Config.fromfile(path)
    cfg.work_dir, cfg.launcher = str(folder / 'work'), 'none'
    cfg.experiment_name = folder.name
    train(cfg)
    return path, folder / 'work' / 'iter_6.pth'


@pytest.mark.parametrize('sequences', [1, 3])
def test_two_processes_test_like_one(trained, tmp_path, sequences):
    """Fewer sequences than processes, and a number they do not divide."""
    config, checkpoint = trained
    options = ['--cfg-options', f'test_dataloader.dataset.indices={sequences}']
    results, frames = [], []
    for processes in (1, 2):
        out = tmp_path / f'{processes}'
        status, said = script(
            'dist_test.sh', config, checkpoint, processes, '--save-path',
            out / 'frames', '--out', out / 'metrics.json', *options,
            CUDA_VISIBLE_DEVICES='0')
        assert status == 0, said[-3000:]
        assert f'{processes} process(es) on the CPU (gloo)' in said
        results.append(json.loads((out / 'metrics.json').read_text()))
        frames.append({path.relative_to(out): path.read_bytes()
                       for path in out.rglob('*.png')})
    assert results[0] == results[1]
    assert len(frames[0]) == 4 * sequences
    assert frames[0] == frames[1]


def test_user_errors_come_without_traceback(trained, tmp_path):
    config, checkpoint = trained
    status, said = script('dist_test.sh', config, 'nothing.pth', 2)
    assert status == 2
    assert 'error: There is no checkpoint nothing.pth' in said
    assert 'Traceback' not in said
    broken = tmp_path / 'broken.py'
    broken.write_text('model = dict(')
    status, said = script('dist_train.sh', broken, 1)
    assert status == 2
    assert 'broken.py cannot be read as a config: SyntaxError' in said


def test_a_file_that_breaks_during_training_is_named(trained, tmp_path):
    """By a worker process, after the headers were checked."""
    root = write_vrds(tmp_path / 'data', sequences=1, frames=3)
    config = write_config(tmp_path / 'config.py', root)
    path = root / 'gt' / '000' / '00000001.png'
    path.write_bytes(path.read_bytes()[:-300])
    status, said = script(
        'dist_train.sh', config, 1, '--work-dir', tmp_path / 'work',
        '--cfg-options', 'train_dataloader.num_workers=1')
    assert status == 2, said[-3000:]
    assert f'error: {path} (gt)' in said
    assert 'Traceback' not in said


@pytest.mark.parametrize('name', ['dist_train.sh', 'dist_test.sh',
                                  'slurm_train.sh', 'slurm_test.sh'])
def test_a_script_without_arguments_says_how_to_use_it(name):
    status, said = script(name)
    assert status == 2
    assert f'usage: {name}' in said


def test_slurm_on_nodes_without_gpus(trained, tmp_path):
    """With an srun that starts one task here."""
    config, checkpoint = trained
    srun = tmp_path / 'srun'
    srun.write_text(
        '#!/bin/bash\nprintf "%s\\n" "$@" > ' + f'{tmp_path}/arguments\n'
        'while [[ $1 != */python.sh ]]; do shift; done\n'
        'SLURM_PROCID=0 SLURM_LOCALID=0 SLURM_NTASKS=1 SLURM_NODELIST=here '
        'exec "$@"\n')
    scontrol = tmp_path / 'scontrol'
    scontrol.write_text('#!/bin/sh\necho 127.0.0.1\n')
    for program in (srun, scontrol):
        program.chmod(0o755)
    status, said = script(
        'slurm_test.sh', 'part', 'job', config, checkpoint, '--out',
        tmp_path / 'metrics.json', PATH=f'{tmp_path}:{os.environ["PATH"]}',
        GPUS='1', GPUS_PER_NODE='0')
    assert status == 0, said[-3000:]
    assert 'VRDS/PSNR' in (tmp_path / 'metrics.json').read_text()
    arguments = (tmp_path / 'arguments').read_text().split('\n')
    assert arguments[:4] == ['-p', 'part', '--job-name=job', '--ntasks=1']
    assert not any('gres' in argument for argument in arguments)


@pytest.fixture
def started(monkeypatch):
    """What torchrun would be started with."""
    options = []
    monkeypatch.setattr(torchrun, 'run', options.append)
    for name in ('PORT', 'NNODES', 'NODE_RANK', 'OMP_NUM_THREADS'):
        # set first, so that what the launcher sets is taken back
        monkeypatch.setenv(name, '1')
        monkeypatch.delenv(name, raising=False)
    return options


def test_cores_are_shared_and_the_port_is_free(started, monkeypatch, capsys):
    monkeypatch.setattr(os, 'sched_getaffinity', lambda pid: range(8))
    launch.launch('train.py', 3, ['config.py', '--resume'])
    options = started[0]
    assert options.nproc_per_node == '3'
    assert options.training_script_args == [
        'config.py', '--resume', '--launcher', 'pytorch']
    assert os.environ['OMP_NUM_THREADS'] == '2'
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', options.master_port))
    assert '2 of 8 cores each' in capsys.readouterr().err


def test_several_nodes(started, monkeypatch):
    for name, value in dict(NNODES='2', NODE_RANK='1', MASTER_ADDR='node0',
                            PORT='12345').items():
        monkeypatch.setenv(name, value)
    launch.launch('train.py', 1, [])
    options = started[0]
    assert (options.nnodes, options.node_rank, options.master_addr,
            options.master_port) == ('2', 1, 'node0', 12345)


def test_more_gpus_than_there_are_is_refused(started, monkeypatch):
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '0,1')
    with pytest.raises(UserError, match='4 GPUs were asked for, there are 2 '
                       r'\(CUDA_VISIBLE_DEVICES=0,1\)'):
        launch.launch('train.py', 4, [])
    assert not started


def test_a_port_in_use_is_reported(started, monkeypatch):
    with socket.socket() as taken:
        taken.bind(('', 0))
        taken.listen()
        monkeypatch.setenv('PORT', str(taken.getsockname()[1]))
        with pytest.raises(UserError, match='is in use; set PORT'):
            launch.launch('train.py', 1, [])
    assert not started


def test_no_process_is_refused(started):
    with pytest.raises(UserError, match='at least 1'):
        launch.launch('train.py', 0, [])
