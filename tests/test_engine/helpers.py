"""Train in this process and look at what was saved."""

from pathlib import Path

import torch
from mmengine.hooks import Hook

from mmderain.checkpoints.safe_loading import load_checkpoint_file
from mmderain.engine import DerainRunner

_count = iter(range(1000000))


def make_runner(cfg):
    """A runner whose loggers and message hub nobody else shares."""
    cfg.experiment_name = f'{cfg.experiment_name}_{next(_count)}'
    return DerainRunner.from_cfg(cfg)


def train(cfg):
    """Train to the end; returns the runner."""
    runner = make_runner(cfg)
    runner.train()
    return runner


def train_until(cfg, iteration):
    """Train, but stop after so many iterations, as if interrupted."""
    runner = make_runner(cfg)
    runner.register_hook(_StopAfter(iteration), 'LOWEST')
    runner.train()
    return runner


class _StopAfter(Hook):

    def __init__(self, iteration):
        self.iteration = iteration

    def after_train_iter(self, runner, batch_idx, data_batch=None,
                         outputs=None):
        runner.train_loop.stop_training = runner.iter + 1 == self.iteration


def weights(cfg, iteration, key='state_dict'):
    """What a run saved at an iteration."""
    path = Path(cfg.work_dir) / f'iter_{iteration}.pth'
    return load_checkpoint_file(path)[key]


def assert_equal_weights(ours, theirs):
    """Equal to the bit."""
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert torch.equal(value, theirs[name]), name
