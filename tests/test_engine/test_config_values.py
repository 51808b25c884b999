"""Wrong settings are refused at the start, by their names."""

import math
import re
from pathlib import Path

import pytest
from mmengine.config import Config, ConfigDict

from mmderain import config_path
from mmderain.cli.common import read_config
from mmderain.engine import DerainRunner
from mmderain.errors import ConfigError

from .helpers import make_runner

PIPELINE = 'train_dataloader.dataset.pipeline'


@pytest.mark.parametrize(('setting', 'value', 'expected'), [
    ('model.test_cfg.window', 0, 'a whole number from 1 on, it is 0'),
    ('model.test_cfg.window', 2.5, 'a whole number from 1 on, it is 2.5'),
    ('model.test_cfg.stride', 0, 'a whole number from 1 on, it is 0'),
    ('train_dataloader.batch_size', 0, 'a whole number from 1 on, it is 0'),
    ('test_dataloader.batch_size', '8x', "from 1 on, it is '8x'"),
    ('train_dataloader.num_workers', -1, 'from 0 to 1024, it is -1'),
    ('crop_size', 0, 'a whole number from 1 on, it is 0'),
    ('crop_size', True, 'a whole number from 1 on, it is True'),
    ('clip_length', -3, 'a whole number from 1 on, it is -3'),
    (f'{PIPELINE}.6.size', 0, 'a whole number from 1 on, it is 0'),
    ('train_cfg.max_iters', 0, 'a whole number from 1 on, it is 0'),
    ('train_cfg.max_iters', 2.5, 'a whole number from 1 on, it is 2.5'),
    ('train_cfg.val_interval', 0, 'a whole number from 1 on, it is 0'),
    ('optim_wrapper.accumulative_counts', 0, 'from 1 on, it is 0'),
    ('optim_wrapper.optimizer.lr', math.nan, 'a finite number .* it is nan'),
    ('optim_wrapper.optimizer.lr', math.inf, 'a finite number .* it is inf'),
    ('optim_wrapper.optimizer.lr', -1e-4, 'not negative, it is -0.0001'),
    ('optim_wrapper.optimizer.lr', 'fast', "finite number .* it is 'fast'"),
    ('optim_wrapper.clip_grad.max_norm', math.nan, 'a finite .* it is nan'),
    ('param_scheduler.eta_min', math.nan, 'a finite number .* it is nan'),
    ('randomness.seed', 'seven',
     "a whole number from 0 to 4294967295, it is 'seven'"),
    ('randomness.seed', -1, 'a whole number from 0 to 4294967295, it is -1'),
    ('train_dataloader.num_workers', 99999, 'from 0 to 1024, it is 99999'),
    ('train_dataloader.dataset', 5, 'a dict of settings, it is 5'),
    ('train_dataloader.sampler', 'random', "a dict of .*, it is 'random'"),
    (PIPELINE, 5, 'a list of transforms, it is 5'),
    ('model.test_cfg', 5, 'a dict of settings, it is 5'),
    ('model.data_preprocessor', 5, 'a dict of settings, it is 5'),
    ('auto_scale_lr', 5, 'a dict of settings, it is 5'),
    ('default_hooks.checkpoint', 5, 'a dict of settings, it is 5'),
    ('default_hooks.checkpoint.interval', 0, 'or -1 for the end .*, it is 0'),
    ('default_hooks.checkpoint.interval', 1.5, 'from 1 on, .* it is 1.5'),
    ('default_hooks.checkpoint.max_keep_ckpts', 'x', "2 on, .* it is 'x'"),
    ('log_level', 'LOUD', "one of DEBUG, INFO, .*, it is 'LOUD'")])
def test_values(tiny_config, setting, value, expected):
    tiny_config.merge_from_dict({setting: value})
    name = setting.replace('.6.', '[6].').replace('[', r'\[')
    with pytest.raises(ConfigError, match=(
            f'^{name} has to be .*{expected}. Change it .*--cfg-options')):
        make_runner(tiny_config)


@pytest.mark.parametrize(('setting', 'value', 'expected'), [
    ('train_cfg', 5, 'a dict or None'), ('default_hooks', [], 'a dict or No'),
    ('custom_hooks', 5, 'a list or None'),
    ('custom_hooks', [5], 'a list or None'),
    ('train_dataloader', 5, 'a dict or None'), ('env_cfg', 5, 'a dict'),
    ('train_dataloader.dataset.data_root', [1], 'a text'),
    ('train_dataloader.dataset.data_prefix', 5, 'a dict'),
    ('val_evaluator', 5, 'a dict or a list or None'),
    ('optim_wrapper', 5, 'a dict or None'),
    ('optim_wrapper.optimizer', 5, 'a dict'),
    ('optim_wrapper.optimizer.betas', 5, 'a list'),
    ('param_scheduler', 5, 'a dict or a list or None'),
    ('default_hooks.logger.interval', 'x', 'a whole number'),
    ('visualizer', 5, 'a dict or None'), ('randomness', 5, 'a dict'),
    ('log_processor', 5, 'a dict or None'), ('model.generator', 5, 'a dict')])
def test_values_of_another_kind(tiny_config, setting, value, expected):
    """As what they are given to says in its signature."""
    tiny_config.merge_from_dict({setting: value})
    with pytest.raises(ConfigError, match=(
            f'^{setting} has to be {expected}.*, it is '
            rf'{re.escape(repr(value))}\. Change it in the config')):
        make_runner(tiny_config).train()


def test_a_best_figure_that_no_validation_has(tiny_config):
    tiny_config.train_cfg.update(max_iters=2, val_interval=2)
    tiny_config.default_hooks.checkpoint.save_best = 'PSNR'
    with pytest.raises(ConfigError, match=(
            'save_best=PSNR: expected a figure of the validation, which has '
            '.*VRDS/PSNR.*--resume')):
        make_runner(tiny_config).train()
    assert (Path(tiny_config.work_dir) / 'iter_2.pth').is_file()


def test_what_is_to_be_built_has_a_type(tiny_config):
    tiny_config.model.data_preprocessor = dict(mean=[1])
    with pytest.raises(ConfigError, match=(
            r"^{'mean': \[1\]} in the config has no type.*type=")):
        make_runner(tiny_config)


def test_epochs_of_a_training_by_iterations(tiny_config):
    """A crash after days would leave nothing."""
    tiny_config.default_hooks.checkpoint.by_epoch = True
    with pytest.raises(ConfigError, match='save nothing before its end'):
        make_runner(tiny_config).train()


def test_values_that_are_right(tiny_config):
    tiny_config.merge_from_dict({
        'train_cfg.max_iters': 1e5, 'randomness.seed': None,
        'optim_wrapper.optimizer.lr': 0, 'train_dataloader.num_workers': 0})
    make_runner(tiny_config)


@pytest.mark.parametrize(('setting', 'value', 'said'), [
    ('train_cfg.max_iter', 5,
     'train_cfg.max_iter: IterBasedTrainLoop has no setting max_iter'),
    ('optim_wrapper.optimizer.learning_rate', 1e-4,
     'optim_wrapper.optimizer.learning_rate: Adam has no setting learning_ra'),
    ('param_scheduler.eta_minimum', 1e-9,
     'param_scheduler.eta_minimum: .* has no setting eta_minimum'),
    ('model.generator.widths', 3,
     'model.generator.widths: TinyClipNet has no setting widths'),
    ('model.pixel_los', dict(type='MSELoss'),
     'model.pixel_los: .* has no setting pixel_los'),
    (f'{PIPELINE}.0.lenght', 3,
     r'pipeline\[0\].lenght: SampleClip has no setting lenght'),
    ('train_dataloader.dataset.data_roots', 'x',
     'dataset.data_roots: .* has no setting data_roots'),
    ('default_hooks.finite_loss.policies', 'x',
     'finite_loss.policies: FiniteLossHook has no setting policies'),
    ('model.generator.type', 'TinyClipNett',
     'model.generator: there is no TinyClipNett'),
    ('train_cfg.type', 'EndlessLoop', 'train_cfg: there is no EndlessLoop'),
    (f'{PIPELINE}.6', dict(type='PairedClipCrop'),
     "PairedClipCrop needs the settings 'keys' and 'size'")])
def test_unknown_keys_and_types(tiny_config, setting, value, said):
    parent, _, key = setting.rpartition('.')
    if key == '6':
        tiny_config.train_dataloader.dataset.pipeline[6] = ConfigDict(value)
    else:
        tiny_config.merge_from_dict({setting: value})
    with pytest.raises(ConfigError, match=said):
        make_runner(tiny_config).train()


def test_an_error_of_the_code_stays_what_it_is(tiny_config, monkeypatch):
    def fail(self, *args):
        raise TypeError('unsupported operand')

    monkeypatch.setattr('tests.tiny.TinyClipNet.__init__', fail)
    with pytest.raises(TypeError, match='unsupported operand'):
        make_runner(tiny_config)


@pytest.mark.parametrize('text', ['', 'crop_size = 3'])
def test_an_empty_file(tmp_path, text):
    path = tmp_path / 'empty.py'
    path.write_text(text)
    cfg = read_config(str(path), {})
    cfg.work_dir = str(tmp_path / 'work')
    with pytest.raises(ConfigError, match='empty.py has no model.* Inherit'):
        DerainRunner.from_cfg(cfg)


def test_parts_that_belong_together(tiny_config):
    tiny_config.optim_wrapper = None
    with pytest.raises(ConfigError, match=(
            'train_dataloader, train_cfg cannot be used without '
            'optim_wrapper')):
        make_runner(tiny_config)


def test_a_config_for_testing_cannot_train(tmp_path):
    cfg = Config.fromfile(config_path('EEVRSR/EEVRSR_real.py'))
    cfg.work_dir, cfg.experiment_name = str(tmp_path), tmp_path.name
    with pytest.raises(ConfigError, match='EEVRSR_real.py is for testing al'):
        make_runner(cfg).train()


@pytest.mark.parametrize(('option', 'said'), [
    ('clip_lenght', 'Did you mean clip_length'),
    ('train_cgf.max_iters', 'train_cgf that anything reads. Did you mean '
     'train_cfg'),
    ('data_root', 'data_root was read while the config was')])
def test_options_that_would_change_nothing(option, said):
    with pytest.raises(ConfigError, match=f'--cfg-options {option}: .*{said}'):
        read_config(str(config_path('ViMPNet/ViMPNet.py')), {option: 3})
    # it has images, not clips
    with pytest.raises(ConfigError, match='variables are crop_size, mask_thr'):
        read_config(str(config_path('AttentiveGAN/AttentiveGAN.py')),
                    dict(clip_length=3))
