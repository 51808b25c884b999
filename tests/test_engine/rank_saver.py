"""A hook by which each process leaves what it has."""

from pathlib import Path

import torch
from mmagic.registry import HOOKS
from mmengine.hooks import Hook


@HOOKS.register_module()
class RankSaver(Hook):

    def before_train(self, runner):
        self.before = {name: value.clone() for name, value in
                       runner.model.module.state_dict().items()}

    def after_train_iter(self, runner, batch_idx, data_batch=None,
                         outputs=None):
        self.batch = float(data_batch['inputs'][0].float().mean())

    def after_train(self, runner):
        torch.save({'weights': runner.model.module.state_dict(),
                    'before': self.before, 'batch': self.batch},
                   Path(runner.work_dir) / f'rank_{runner.rank}.pt')
