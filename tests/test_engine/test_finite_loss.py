"""No step with a loss that is not finite, and no checkpoint after one."""

import math
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper, OptimWrapperDict

from mmderain.engine import FiniteLossHook
from mmderain.errors import ConfigError, DivergedError
from tests.test_engine import failing_loss  # noqa: F401, registers it
from tests.tiny import ROOT, write_config

from .helpers import make_runner, train, weights


@pytest.fixture
def failing(tiny_config):
    """The tiny config, whose loss fails as asked."""
    def change(iterations, interval=1, **hook):
        tiny_config.model.pixel_loss = ConfigDict(
            type='FailingLoss', iterations=iterations)
        tiny_config.default_hooks.finite_loss.update(hook)
        tiny_config.default_hooks.checkpoint.update(
            interval=interval, max_keep_ckpts=2)
        # its part is frozen at first
        tiny_config.custom_hooks = []
        return tiny_config
    return change


def test_training_stops_and_keeps_the_last_good_checkpoints(failing):
    cfg = failing([4])
    with pytest.raises(DivergedError) as stopped:
        train(cfg)
    said = str(stopped.value)
    assert ('Iteration 4: the loss is not finite, loss_reconstruct on the '
            'samples 00') in said
    assert "policy='skip'" in said
    saved = sorted(path.name for path in Path(cfg.work_dir).glob('iter_*'))
    assert saved == ['iter_2.pth', 'iter_3.pth']
    assert all(value.isfinite().all() for value in weights(cfg, 3).values())


def test_a_step_is_left_out_and_nothing_of_it_stays(failing):
    cfg = failing([4], policy='skip')
    cfg.default_hooks.checkpoint.max_keep_ckpts = -1
    runner = train(cfg)
    kept = [weights(cfg, iteration)['generator.head.weight']
            for iteration in range(1, 7)]
    # 4 equals 3, the others learn
    assert [bool(torch.equal(before, after)) for before, after in zip(
        kept, kept[1:], strict=False)] == [False, False, True, False, False]
    log = next(Path(runner.log_dir).glob('*.log')).read_text()
    assert 'Iteration 4: the loss is not finite, loss_reconstruct on' in log
    assert 'The step is skipped.' in log
    # the optimiser's own function is back
    assert 'update_params' not in vars(runner.optim_wrapper)


def test_too_many_in_a_row_stop_training(failing):
    cfg = failing([1, 3, 4, 5], policy='skip', max_skips=3)
    with pytest.raises(DivergedError, match='Iteration 5: .* last of 3 such'):
        train(cfg)


def test_a_batch_of_an_accumulated_step(failing):
    """The second of its group: the group makes no step, the next one does."""
    cfg = failing([4], interval=2, policy='skip')
    cfg.default_hooks.checkpoint.max_keep_ckpts = -1
    cfg.optim_wrapper.accumulative_counts = 2
    train(cfg)
    two, four, six = (weights(cfg, iteration)['generator.head.weight']
                      for iteration in (2, 4, 6))
    assert torch.equal(two, four) and not torch.equal(four, six)


class _RuinWeights(Hook):

    def after_train_iter(self, runner, batch_idx, data_batch=None,
                         outputs=None):
        if runner.iter == 2:
            runner.model.generator.head.bias.data.fill_(math.nan)


def test_ruined_weights_are_not_saved(failing):
    """The loss was finite, the step is not."""
    cfg = failing([])
    runner = make_runner(cfg)
    runner.register_hook(_RuinWeights())
    with pytest.raises(DivergedError, match=(
            'Iteration 3: the weights generator.head.bias are not finite')):
        runner.train()
    # MMEngine removes the oldest before it saves
    assert [path.name for path in Path(cfg.work_dir).glob('iter_*')] == [
        'iter_2.pth']


def test_each_of_two_optimisers_has_its_guard():
    parameters = [torch.nn.Parameter(torch.ones(1)) for _ in range(2)]
    first, second = (OptimWrapper(torch.optim.SGD([item], lr=1))
                     for item in parameters)
    runner = SimpleNamespace(
        optim_wrapper=OptimWrapperDict(first=first, second=second), iter=6)
    hook = FiniteLossHook()
    hook.before_train(runner)
    hook.before_train_iter(runner, 6)
    first.update_params(parameters[0].sum() * math.inf)
    second.update_params(parameters[1].sum())
    assert [item.item() for item in parameters] == [1, 0]
    with pytest.raises(DivergedError, match='7: .* not finite, loss_gan on'):
        hook.after_train_iter(runner, 6, dict(data_samples=[]),
                              dict(loss_gan=torch.tensor(math.inf)))


def test_two_processes_leave_a_step_out_together(vrds, tmp_path):
    config = write_config(
        tmp_path / 'config.py', vrds,
        custom_imports=dict(
            imports=['mmderain', 'tests.tiny', 'tests.test_engine.rank_saver',
                     'tests.test_engine.failing_loss'],
            allow_failed_imports=False))
    config.write_text(config.read_text() + (
        "custom_hooks = custom_hooks + [dict(type='RankSaver')]\n"
        "model['pixel_loss'] = dict(_delete_=True, type='FailingLoss',\n"
        '                           iterations=[3], rank=1)\n'))

    def start(policy):
        done = subprocess.run(
            [ROOT / 'tools' / 'dist_train.sh', config, '2', '--work-dir',
             tmp_path / policy, '--cfg-options',
             f'default_hooks.finite_loss.policy={policy}'],
            env=dict(os.environ, PYTHON=sys.executable), timeout=240,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    status, said = start('skip')
    assert status == 0, said[-3000:]
    # as the first process tells it
    assert 'Iteration 3: the loss is not finite, on another process' in said
    first, second = (torch.load(tmp_path / 'skip' / f'rank_{rank}.pt')
                     for rank in range(2))
    for name, value in first['weights'].items():
        assert value.isfinite().all() and torch.equal(
            value, second['weights'][name]), name
    status, said = start('stop')
    assert status == 2, said[-3000:]
    assert 'Iteration 3: the loss is not finite' in said
    assert 'Traceback' not in said
    assert not (tmp_path / 'stop' / 'iter_4.pth').exists()


@pytest.mark.parametrize(('hook', 'said'), [
    (dict(policy='ignore'), "policy has to be 'stop' or 'skip', it is 'igno"),
    (dict(max_skips=0), 'max_skips has to be at least 1, it is 0')])
def test_wrong_settings(hook, said):
    with pytest.raises(ConfigError, match=said):
        FiniteLossHook(**hook)
