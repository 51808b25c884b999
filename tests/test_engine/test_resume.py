"""A resumed run equals one that was never interrupted, to the bit."""

import copy
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from mmengine.config import ConfigDict

from mmderain.engine import DerainRunner
from mmderain.errors import CheckpointError, ConfigError
from tests.helpers.processes import wait_for
from tests.tiny import ROOT, write_config

from .helpers import assert_equal_weights, train, train_until, weights


@pytest.fixture
def unbroken(tiny_config):
    """Weights after 6 iterations in one go."""
    cfg = copy.deepcopy(tiny_config)
    cfg.work_dir += '_unbroken'
    train(cfg)
    return weights(cfg, 6)


@pytest.mark.parametrize('workers', [0, 2])
def test_resume_with_dropout_and_any_workers(tiny_config, unbroken, workers):
    first = copy.deepcopy(tiny_config)
    train_until(first, 4)
    tiny_config.train_dataloader.num_workers = workers
    tiny_config.resume = True
    train(tiny_config)
    assert_equal_weights(weights(tiny_config, 6), unbroken)


def test_resume_keeps_the_drawn_seed(tiny_config):
    """Without a seed in the config the checkpoint's is taken up."""
    tiny_config.randomness = ConfigDict(seed=None)
    whole = copy.deepcopy(tiny_config)
    whole.work_dir += '_whole'
    train(whole)
    kept = Path(whole.work_dir)
    tiny_config.load_from = str(kept / 'iter_2.pth')
    tiny_config.resume = True
    train(tiny_config)
    assert_equal_weights(weights(tiny_config, 6), weights(whole, 6))


def test_resume_passes_over_a_torn_file(tiny_config, unbroken):
    first = copy.deepcopy(tiny_config)
    train_until(first, 4)
    torn = Path(first.work_dir) / 'iter_4.pth'
    torn.write_bytes(torn.read_bytes()[:1000])
    tiny_config.resume = True
    runner = train(tiny_config)
    assert_equal_weights(weights(tiny_config, 6), unbroken)
    log = next(Path(runner.log_dir).glob('*.log')).read_text()
    assert 'Passed over: ' in log
    assert 'Resuming from' in log and 'iter_2.pth' in log


def test_resume_with_accumulation_ema_and_clipping(tiny_config):
    tiny_config.optim_wrapper.accumulative_counts = 2
    tiny_config.optim_wrapper.clip_grad = ConfigDict(max_norm=0.1)
    tiny_config.custom_hooks.append(ConfigDict(type='EMAHook'))
    whole, first = copy.deepcopy(tiny_config), copy.deepcopy(tiny_config)
    whole.work_dir += '_whole'
    train(whole)
    train_until(first, 4)
    tiny_config.resume = True
    train(tiny_config)
    for key in ('state_dict', 'ema_state_dict'):
        assert_equal_weights(weights(tiny_config, 6, key),
                             weights(whole, 6, key))


def test_nothing_to_resume_from_starts_anew(tiny_config, unbroken):
    tiny_config.resume = True
    train(tiny_config)
    assert_equal_weights(weights(tiny_config, 6), unbroken)


def test_auto_prefers_the_work_folder_to_the_start_weights(tiny_config):
    """A stopped fine-tuning goes on; it does not start from load_from."""
    start = copy.deepcopy(tiny_config)
    start.work_dir += '_start'
    train(start)
    tiny_config.load_from = f'{start.work_dir}/iter_2.pth'
    tiny_config.resume = 'auto'
    whole = copy.deepcopy(tiny_config)
    whole.work_dir += '_whole'
    train(whole)  # nothing there yet: from the start weights
    plain = copy.deepcopy(whole)
    plain.work_dir, plain.resume = plain.work_dir + '_plain', False
    train(plain)
    assert_equal_weights(weights(whole, 6), weights(plain, 6))
    stopped = copy.deepcopy(tiny_config)
    train_until(stopped, 4)
    train(tiny_config)
    assert_equal_weights(weights(tiny_config, 6), weights(whole, 6))


def test_the_schedule_of_another_training_is_refused(tiny_config):
    first = copy.deepcopy(tiny_config)
    first.train_cfg.max_iters = 4
    train(first)
    tiny_config.resume = True
    # MMEngine would train on at the rate of the other schedule's end
    with pytest.raises(ConfigError, match=(
            r'iter_4.pth: .* end at \[\(0, 6\)\], got one of \[\(0, 4\)\]')):
        train(tiny_config)


def test_a_hostile_checkpoint_is_not_passed_over(tiny_config, tmp_path):
    from mmderain.checkpoints.safe_loading import UnsafeCheckpointError
    work = Path(tiny_config.work_dir)
    work.mkdir()
    torch.save({'state_dict': subprocess.Popen}, work / 'iter_9.pth')
    tiny_config.resume = True
    with pytest.raises(UnsafeCheckpointError, match='iter_9.pth'):
        train(tiny_config)


def _dist_train(config, work, *options, wait=True):
    command = [ROOT / 'tools' / 'dist_train.sh', config, '2', '--work-dir',
               work, *options]
    environment = dict(os.environ, PYTHON=sys.executable)
    process = subprocess.Popen(
        [str(part) for part in command], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if not wait:
        return process
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output[-3000:]
    return output


def test_two_processes_killed_and_resumed(vrds, tmp_path):
    """SIGKILL in the middle; resumed with workers; equal to the bit."""
    config = write_config(tmp_path / 'config.py', vrds)
    steps = ['--cfg-options', 'train_cfg.max_iters=40',
             'train_cfg.val_interval=40']
    output = _dist_train(config, tmp_path / 'whole', *steps)
    assert '2 process(es) on the CPU (gloo), 1 of' in output
    for name in ('loss_pix', 'loss_mask', 'loss_reconstruct', 'loss_hole',
                 'loss_streak'):
        assert f'{name}: ' in output

    process = _dist_train(config, tmp_path / 'killed', *steps, wait=False)
    deadline = time.time() + 120
    while not (tmp_path / 'killed' / 'iter_2.pth').exists():
        assert time.time() < deadline and process.poll() is None
        time.sleep(0.02)
    for member in [process.pid, *_descendants(process.pid)]:
        os.kill(member, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / 'killed' / 'iter_40.pth').exists()
    output = _dist_train(config, tmp_path / 'killed', '--resume', *steps,
                         'train_dataloader.num_workers=1')
    assert 'Resuming from' in output
    saved = [torch.load(tmp_path / name / 'best_VRDS_PSNR_iter_40.pth',
                        weights_only=False)['state_dict']
             for name in ('whole', 'killed')]
    assert_equal_weights(*saved)


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGTERM])
def test_a_death_is_told_with_the_way_to_resume(vrds, tmp_path, number):
    """Of one of two processes; of the launcher, where it is asked to end."""
    config = write_config(tmp_path / 'config.py', vrds)
    process = _dist_train(
        config, tmp_path / 'work', '--cfg-options',
        'train_cfg.max_iters=10000', 'train_cfg.val_interval=10000',
        wait=False)
    wait_for((tmp_path / 'work' / 'iter_2.pth').exists)
    members = _descendants(process.pid)
    assert len(members) >= 2
    if number == signal.SIGKILL:
        os.kill(members[-1], number)
    else:
        process.send_signal(number)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 128 + number, said[-3000:]
    assert 'Traceback' not in said, said[-3000:]
    last = said.strip().splitlines()[-1]
    assert last.endswith('with the same command and --resume.')
    if number == signal.SIGKILL:
        assert last.startswith('error: process ')
        assert 'was ended by SIGKILL' in last
    else:
        assert last.startswith('stopped by SIGTERM')
    wait_for(lambda: not any(
        Path(f'/proc/{member}').exists() for member in members))


def _descendants(parent):
    """All processes below one; torchrun's have sessions of their own."""
    parents = {}
    for entry in Path('/proc').glob('[0-9]*'):
        try:
            fields = (entry / 'stat').read_text().rpartition(')')[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(fields[1])
    children = [child for child, above in parents.items() if above == parent]
    return children + [process for child in children
                       for process in _descendants(child)]


def test_killed_while_writing_leaves_a_complete_checkpoint(tmp_path):
    """SIGKILL again and again in the middle of a write."""
    code = f'''
import sys
sys.path.insert(0, {str(ROOT)!r})
from mmderain.engine.atomic_backend import AtomicBackend
backend, content = AtomicBackend(), b'x' * 50_000_000
print('ready', flush=True)
while True:
    backend.put(content, {str(tmp_path / "iter_1.pth")!r})
'''
    process = subprocess.Popen([sys.executable, '-W', 'ignore', '-c', code],
                               stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        target = tmp_path / 'iter_1.pth'
        while not target.exists():
            assert process.poll() is None
            time.sleep(0.01)
        for _ in range(20):
            time.sleep(0.013)
            assert target.stat().st_size == 50_000_000
    finally:  # whatever fails, nobody goes on writing
        process.kill()
        process.wait()
    assert target.stat().st_size == 50_000_000
    from mmderain.engine.atomic_backend import AtomicBackend
    AtomicBackend().put(b'new', target)
    assert target.read_bytes() == b'new'
    assert [path.name for path in tmp_path.iterdir()] == ['iter_1.pth']


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    from mmderain.engine.atomic_backend import AtomicBackend
    backend, target = AtomicBackend(), tmp_path / 'a.pth'
    backend.put(b'old', target)

    def full_disk(handle):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('os.fsync', full_disk)
    with pytest.raises(CheckpointError,
                       match='No space left for .*a.pth.*--resume'):
        backend.put(b'new', target)
    assert target.read_bytes() == b'old'
    assert [path.name for path in tmp_path.iterdir()] == ['a.pth']


def test_the_runner_is_ours_by_name():
    from mmagic.registry import RUNNERS
    assert RUNNERS.get('DerainRunner') is DerainRunner
