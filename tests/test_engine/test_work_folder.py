"""The folder of a training that is removed meanwhile."""

import shutil
from pathlib import Path

import pytest
from mmengine.hooks import Hook

from mmderain.engine.work_folder import staying
from mmderain.errors import UserError

from .helpers import make_runner


class _Remove(Hook):

    def after_train_iter(self, runner, *args, **kwargs):
        if runner.iter == 2:
            shutil.rmtree(runner.work_dir)


def test_a_training_whose_folder_is_removed_says_so(tiny_config):
    runner = make_runner(tiny_config)
    runner.register_hook(_Remove(), 'VERY_HIGH')
    with pytest.raises(UserError, match='has been removed or renamed during '
                       'the training. Put it back and add --resume'):
        runner.train()
    assert not Path(tiny_config.work_dir).exists()


def test_other_errors_stay_what_they_are(tmp_path):
    with pytest.raises(FileNotFoundError, match='a.txt'), staying(tmp_path):
        (tmp_path / 'a.txt').open()
