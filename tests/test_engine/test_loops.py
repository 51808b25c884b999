"""What the loop has running beside it."""

import multiprocessing

from mmengine.hooks import Hook

from .helpers import make_runner


class _CountProcesses(Hook):

    def after_train_iter(self, runner, batch_idx, data_batch=None,
                         outputs=None):
        self.count = len(multiprocessing.active_children())


def test_no_worker_process_stands_idle(tiny_config):
    """MMEngine's loop starts a loader of its own when it is built."""
    tiny_config.train_dataloader.num_workers = 2
    runner, hook = make_runner(tiny_config), _CountProcesses()
    runner.register_hook(hook)
    runner.train()
    assert hook.count == 2
