"""Options of train.py, down to the Runner."""

import pytest
import torch
from mmengine.config import Config

from mmderain import engine
from mmderain.cli import train as command
from tests.tiny import write_config


@pytest.fixture
def run(vrds, tmp_path, monkeypatch):
    """Run the command; returns (status, the config the Runner got)."""
    path = write_config(tmp_path / 'config.py', vrds)
    seen = []

    class Runner:

        @staticmethod
        def from_cfg(cfg):
            seen.append(cfg)
            return Runner

        @staticmethod
        def train():
            pass

    monkeypatch.setattr(engine, 'DerainRunner', Runner)

    def start(*options, config=path):
        status = command.main([str(config), *options])
        return status, seen[-1] if seen else None

    return start


def test_the_work_folder_is_named_by_the_config(run, tmp_path):
    assert run()[1].work_dir == 'work_dirs/config'
    assert run('--work-dir', 'elsewhere')[1].work_dir == 'elsewhere'


def test_resume_from_the_newest_or_a_named_file(run, tmp_path, capsys):
    cfg = run('--resume')[1]
    assert (cfg.resume, cfg.load_from) == ('auto', None)
    named = tmp_path / 'iter_1.pth'
    named.write_bytes(b'weights')
    cfg = run('--resume', str(named))[1]
    assert (cfg.resume, cfg.load_from) == (True, str(named))
    assert run('--resume', 'iter_9.pth')[0] == 2
    assert 'There is no checkpoint iter_9.pth' in capsys.readouterr().err


def test_a_stopped_fine_tuning_needs_its_start_no_more(run, tmp_path, capsys):
    options = ('--resume', '--work-dir', str(tmp_path / 'work'),
               '--cfg-options', 'load_from=first.pth')
    assert run(*options)[0] == 2
    assert 'There is no checkpoint first.pth' in capsys.readouterr().err
    (tmp_path / 'work').mkdir()
    (tmp_path / 'work' / 'iter_2.pth').write_text('')
    status, cfg = run(*options)
    assert status == 0
    assert (cfg.resume, cfg.load_from) == ('auto', 'first.pth')


def test_amp_takes_the_wrapper_of_the_device(run, monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    assert run('--amp')[1].optim_wrapper.type == 'CPUAmpOptimWrapper'
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    wrapper = run('--amp')[1].optim_wrapper
    assert (wrapper.type, wrapper.loss_scale) == ('AmpOptimWrapper',
                                                  'dynamic')


def test_auto_scale_lr_scales_by_the_batch(tiny_config):
    from tests.test_engine.helpers import train
    tiny_config.auto_scale_lr.enable = True
    tiny_config.param_scheduler = None
    runner = train(tiny_config)
    # one clip instead of four
    rates = {group['lr'] for group in
             runner.optim_wrapper.optimizer.param_groups}
    assert max(rates) == pytest.approx(0.25e-4)


def test_auto_scale_lr_without_a_base_is_refused(run, tmp_path, capsys):
    bare = tmp_path / 'bare.py'
    cfg = Config.fromfile(tmp_path / 'config.py')
    cfg.pop('auto_scale_lr')
    cfg.dump(bare)
    assert run('--auto-scale-lr', config=bare)[0] == 2
    assert 'auto_scale_lr.base_batch_size' in capsys.readouterr().err


def test_any_setting_can_be_changed(run):
    cfg = run('--cfg-options', 'train_cfg.max_iters=8',
              'randomness.seed=5')[1]
    assert (cfg.train_cfg.max_iters, cfg.randomness.seed) == (8, 5)
