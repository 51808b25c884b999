"""Every config is built and runs for two iterations on rendered rain."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmagic.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

import mmderain
from mmderain.checkpoints import load_network
from mmderain.cli.common import read_config
from mmderain.cli.evaluate import main as evaluate
from mmderain.cli.test import main as run_test
from mmderain.engine.config_checks import check_training_config
from mmderain.errors import ConfigError
from mmderain.paths import config_root
from mmderain.synthesis.training_clips import settings_from
from tests.helpers.recipes import SMALL, shrink
from tests.test_engine.helpers import make_runner, train
from tests.tiny import (
    write_image,
)

# of the contract; all others are found
RECIPES = {f'{name}/{name}.py' for name in (
    'AlignedMedian', 'AttentiveGAN', 'EEVRSR', 'J4RNet', 'LensDrops',
    'ViMPNet')}
CONFIGS = sorted(path.relative_to(config_root()).as_posix()
                 for path in config_root().rglob('*.py')
                 if '_base_' not in path.parts)
# these test what is not trained here
TEST_ONLY = ['EEVRSR/EEVRSR_real.py', 'J4RNet/J4RNet_released_brcn.py']
TRAINED = [name for name in CONFIGS if name not in TEST_ONLY]


def test_no_recipe_is_lost():
    assert set(TRAINED) >= RECIPES


@pytest.mark.parametrize('name', TRAINED)
def test_two_steps(name, data_roots, tmp_path, monkeypatch):
    for variable, root in data_roots.items():
        monkeypatch.setenv(variable, root)
    cfg = shrink(Config.fromfile(mmderain.config_path(name)),
                 tmp_path / 'work')
    cfg.experiment_name = name.replace('/', '_')
    runner = train(cfg)
    # the file says itself what network it holds
    network = load_network(str(
        Path(cfg.work_dir) / f'iter_{cfg.train_cfg.max_iters}.pth'))
    assert type(network).__name__ == cfg.model.generator.type
    log = next(Path(runner.log_dir).glob('*.log')).read_text()
    assert cfg.val_evaluator or name == 'EEVRSR/EEVRSR_motion.py'
    for metric in cfg.val_evaluator or []:
        assert metric.type == 'ProtocolScores'
        for figure in ('PSNR', 'SSIM'):
            assert f'{metric.prefix}/{figure}: ' in log


@pytest.mark.parametrize('name', TRAINED)
def test_one_variable_each_for_crops_and_clips(
        name, data_roots, monkeypatch):
    """Seen in the data themselves."""
    for variable, root in data_roots.items():
        monkeypatch.setenv(variable, root)
    # the aligned clips have five frames, those with drops on the lens have
    # planes, a raindrop's image is one
    has_length = not name.startswith(
        ('AlignedMedian', 'AttentiveGAN', 'LensDrops', 'LightMedian'))
    cfg = read_config(str(mmderain.config_path(name)), dict(
        crop_size=28, **(dict(clip_length=3) if has_length else {})))
    with DefaultScope.overwrite_default_scope('mmagic'):
        dataset = DATASETS.build(cfg.train_dataloader.dataset)
    inputs = dataset[0]['inputs']
    assert inputs.shape[-2:] == (28, 28)
    if has_length:
        assert dataset.clip_length == len(inputs) == 3


@pytest.mark.parametrize('name', TRAINED)
def test_the_schedule_ends_with_training(
        name, data_roots, tmp_path, monkeypatch):
    for variable, root in data_roots.items():
        monkeypatch.setenv(variable, root)
    cfg = shrink(Config.fromfile(mmderain.config_path(name)),
                 tmp_path / 'work')
    cfg.experiment_name = tmp_path.name
    schedule = read_config(str(mmderain.config_path(name)), {
        'train_cfg.max_iters': 1000})
    check_training_config(schedule)
    cfg.train_cfg, cfg.param_scheduler = (
        schedule.train_cfg, schedule.param_scheduler)
    runner = make_runner(cfg)
    runner._train_loop = runner.build_train_loop(cfg.train_cfg)
    runner.optim_wrapper = runner.build_optim_wrapper(cfg.optim_wrapper)
    built = runner.build_param_scheduler(cfg.param_scheduler)
    for parts in built.values() if isinstance(built, dict) else [built]:
        assert type(parts[-1]).__name__ == 'CosineAnnealingLR'
        for before, after in zip(parts, parts[1:], strict=False):
            assert before.end == after.begin
        assert parts[-1].end == 1000
        assert parts[-1].T_max == 1000 - parts[-1].begin


@pytest.mark.parametrize(('options', 'said'), [
    ({'train_dataloader.dataset.pipeline.6.size': 64},
     r'dataset\.pipeline\[6\]\.size=64 and crop_size=256 disagree'),
    ({'train_dataloader.dataset.pipeline.0.length': 3},
     r'dataset\.pipeline\[0\]\.length=3 and clip_length=5 disagree'),
    ({'train_dataloader.dataset.clip_length': 3},
     r'dataset\.clip_length=3 and clip_length=5 disagree'),
    ({'param_scheduler.T_max': 500000, 'train_cfg.max_iters': 100000},
     'param_scheduler.T_max=500000 and train_cfg.max_iters=100000 disagree'),
    ({'param_scheduler.end': 400000},
     'param_scheduler.end=400000 and train_cfg.max_iters=500000 disagree'),
    ({'param_scheduler': dict(type='CosineRestartLR', by_epoch=False,
                              periods=[300000, 100000])},
     r'periods=\[300000, 100000\] and train_cfg.max_iters=500000 disagree'),
    ({'param_scheduler': dict(generator=[
        dict(type='LinearLR', by_epoch=False, end=600000)])},
     r'param_scheduler\.generator\[0\]\.end=600000 and train_cfg'),
    # a training that is over before its warm-up is
    ({'param_scheduler': [dict(type='LinearLR', by_epoch=False, end=30),
                          dict(type='CosineAnnealingLR', by_epoch=False,
                               begin=30)], 'train_cfg.max_iters': 20},
     r'param_scheduler\[0\]\.end=30 and train_cfg\.max_iters=20 disagree: '
     r'.*longer.*shorten the warm-up'),
    ({'param_scheduler': [dict(type='LinearLR', by_epoch=False, end=30),
                          dict(type='CosineAnnealingLR', by_epoch=False,
                               begin=30)], 'train_cfg.max_iters': 30},
     r'param_scheduler\[1\]\.begin=30 and train_cfg\.max_iters=30 disagree: '
     r'.*more than 30 iterations'),
    ({'param_scheduler': [dict(type='LinearLR', by_epoch=False, end=30),
                          dict(type='CosineAnnealingLR', by_epoch=False,
                               begin=30, end=30)], 'train_cfg.max_iters': 40},
     r'param_scheduler\[1\]: it begins at iteration 30 and ends at 30'),
    # MMEngine's mixed precision, and MMagic's --amp
    ({'optim_wrapper.type': 'AmpOptimWrapper'},
     'optim_wrapper.type=BFloat16OptimWrapper'),
    ({'optim_wrapper': dict(generator=dict(
        type='AmpOptimWrapper', optimizer=dict(type='Adam')))},
     'optim_wrapper.generator.type=BFloat16OptimWrapper')])
def test_a_disagreement_is_refused_at_the_start(
        options, said, data_roots, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    monkeypatch.setenv('VRDS_ROOT', data_roots['VRDS_ROOT'])
    cfg = read_config(str(mmderain.config_path('ViMPNet/ViMPNet.py')), options)
    with pytest.raises(ConfigError, match=said):
        check_training_config(cfg)
    # where MMEngine's own Runner trains, as in MMagic's tools
    cfg.model.generator.update(copy.deepcopy(SMALL['ViMPNet']))
    cfg.work_dir, cfg.experiment_name = str(tmp_path), tmp_path.name
    with pytest.raises(ConfigError, match=said):
        Runner.from_cfg(cfg).train()


def test_a_schedule_with_another_end_on_purpose():
    cfg = read_config(str(mmderain.config_path('ViMPNet/ViMPNet.py')), {})
    for schedule in (
            # a rate that falls, and then stays
            [dict(type='CosineAnnealingLR', by_epoch=False, end=400000),
             dict(type='ConstantLR', by_epoch=False, factor=1,
                  begin=400000)],
            # one that rises, and then stays
            dict(type='LinearLR', by_epoch=False, end=100),
            # waves
            dict(type='CosineAnnealingLR', by_epoch=False, T_max=1000,
                 end=500000),
            dict(type='MultiStepLR', by_epoch=False, milestones=[1000]),
            None):
        cfg.param_scheduler = schedule
        check_training_config(cfg)


def test_a_config_elsewhere_sets_the_variables(vrds, tmp_path):
    child = tmp_path / 'mine.py'
    child.write_text(
        "_base_ = __import__('mmderain').config_path("
        "'ViMPNet/ViMPNet.py')\n"
        'crop_size = 24\n')
    cfg = read_config(str(child), {})
    assert cfg.train_pipeline == cfg.train_dataloader.dataset.pipeline
    sizes = [step.size for step in cfg.train_pipeline if 'size' in step]
    assert sizes == [24]
    child.write_text(child.read_text() + (
        "train_dataloader = dict(dataset=dict(clip_length='${clips}'))\n"))
    with pytest.raises(ConfigError, match=(
            r"clip_length='\$\{clips\}' needs the variable clips, which")):
        read_config(str(child), {})


@pytest.mark.parametrize('name', TEST_ONLY)
def test_real_clips_without_ground_truth(
        name, data_roots, tmp_path, monkeypatch):
    """Frames and metrics that need no truth."""
    clips = Path(data_roots['RAINSYN_LIGHT25_ROOT']) / 'test' / 'input'
    monkeypatch.setenv('RAINPRACTICAL_ROOT', str(clips))
    checkpoint = tmp_path / 'random.pth'
    config = mmderain.config_path(name)
    network = MODELS.build(Config.fromfile(config).model.generator)
    torch.save(dict(state_dict={
        f'generator.{key}': value for key, value
        in network.state_dict().items()}), checkpoint)
    assert run_test([
        str(config), str(checkpoint),
        '--work-dir', str(tmp_path / 'work'),
        '--save-path', str(tmp_path / 'out'),
        '--out', str(tmp_path / 'metrics.json')]) == 0
    written = sorted(path.name for path in (tmp_path / 'out/3').iterdir())
    assert written == sorted(path.name for path in (clips / '3').iterdir())
    metrics = json.loads((tmp_path / 'metrics.json').read_text())
    assert set(metrics) == {'RainPractical/NIQE', 'RainPractical/NIQE_input'}


def test_a_model_on_nturain(tmp_path, monkeypatch):
    """The set has a base for configs of one's own; frames count alike."""
    rng = np.random.default_rng(0)
    root = tmp_path / 'NTURain' / 'Dataset_Testing_Synthetic'
    for name, frames in (('a1', 2), ('b4', 5)):
        for index in range(1, frames + 1):
            clean = rng.integers(0, 200, (24, 32, 3), np.uint8)
            for ending, image in (('GT', clean), ('Rain', clean + 20)):
                write_image(root / f'{name}_{ending}' / f'{index:05d}.jpg',
                            image)
    monkeypatch.setenv('NTURAIN_ROOT', str(root.parent))
    config = tmp_path / 'config.py'
    config.write_text(f'''
_base_ = ['{config_root()}/_base_/default_runtime.py',
          '{config_root()}/_base_/datasets/nturain.py']
model = dict(
    type='EEVRSRDerainer', pixel_loss=dict(type='MSELoss'),
    generator=dict(type='EEVRSRNet', motion_compensation=False))
''')
    torch.manual_seed(0)
    network = MODELS.build(Config.fromfile(config).model.generator)
    torch.save({f'generator.{key}': value for key, value
                in network.state_dict().items()}, tmp_path / 'random.pth')
    restored = tmp_path / 'restored'
    assert run_test([
        str(config), str(tmp_path / 'random.pth'),
        '--work-dir', str(tmp_path / 'work'), '--save-path', str(restored),
        '--out', str(tmp_path / 'metrics.json')]) == 0
    metrics = json.loads((tmp_path / 'metrics.json').read_text())
    # the command pairs what was saved with the clean folders by their names
    clean = tmp_path / 'clean'
    clean.mkdir()
    for name in ('a1', 'b4'):
        (root / f'{name}_GT').rename(clean / f'{name}_GT')
    assert evaluate([str(restored), str(clean), '--protocol', 'ntu',
                     '--json', str(tmp_path / 'scores.json')]) == 0
    scores = json.loads((tmp_path / 'scores.json').read_text())
    assert [scores['sequences'][name]['frames'] for name in ('a1', 'b4')] == [
        2, 5]
    assert metrics == pytest.approx({
        f'NTURain/{name}': scores['figures'][name]
        for name in ('PSNR', 'SSIM')})


def test_the_second_stage_of_j4r_net_starts_from_the_first(
        data_roots, tmp_path, monkeypatch):
    for variable, root in data_roots.items():
        monkeypatch.setenv(variable, root)
    first, second = (
        shrink(Config.fromfile(mmderain.config_path(f'J4RNet/{name}.py')),
               tmp_path / name)
        for name in ('J4RNet_single_small', 'J4RNet_small'))
    for cfg in (first, second):
        cfg.experiment_name = f'{tmp_path.name}_{Path(cfg.work_dir).name}'
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
        cfg.custom_hooks = []
        cfg.train_cfg.pop('val_interval')
    train(first)
    second.load_from = str(tmp_path / 'J4RNet_single_small' / 'iter_2.pth')
    second.load_partial = True
    # nothing is learned, so what was taken over can be seen
    second.optim_wrapper.optimizer.lr = 0
    second.param_scheduler = None
    runner = train(second)
    log = next(Path(runner.log_dir).glob('*.log')).read_text()
    assert 'iter_2.pth except for:' in log
    assert 'unexpected' not in log
    taken_over, anew = (
        next(line for line in log.splitlines() if said in line)
        for said in ('  taken over: ', '  starting anew: '))
    for part in ('extractor', 'streak_net', 'penultimate', 'last'):
        assert f'generator.{part} (' in taken_over
    assert 'generator.fusion_unit (5)' in anew
    assert 'generator.degradation_net (8)' in anew
    taken = torch.load(second.load_from, weights_only=False)['state_dict']
    for name, value in runner.model.state_dict().items():
        if name in taken:
            assert torch.equal(value, taken[name]), name


def test_the_recipe_of_j4r_net_is_the_talks():
    single, whole = (
        read_config(str(mmderain.config_path(f'J4RNet/{name}.py')), {})
        for name in ('J4RNet_single', 'J4RNet'))
    weights = {name: value.loss_weight for name, value in whole.model.items()
               if name.endswith('_loss')}
    assert weights == dict(pixel_loss=1.0, occlusion_loss=0.001,
                           detail_loss=0.0001, streak_loss=0.0001)
    for cfg, samples, epochs, length in ((single, 270000, 300, 1),
                                         (whole, 25000, 120, 9)):
        assert cfg.model.generator.recurrent == (length > 1)
        steps = {step.type: step for step in cfg.train_pipeline}
        assert steps['SampleClip'].length == length
        assert steps['PairedClipCrop'].size == 32
        dataset = cfg.train_dataloader.dataset
        assert dataset.clip_length == length
        assert dataset.pipeline == cfg.train_pipeline
        assert cfg.optim_wrapper.optimizer.lr == 1e-3
        assert cfg.param_scheduler.eta_min == 1e-5
        assert (cfg.train_cfg.max_iters * cfg.train_dataloader.batch_size
                == samples * epochs)


def test_the_official_recipe_has_the_official_numbers(monkeypatch):
    monkeypatch.delenv('VRDS_ROOT', raising=False)
    cfg = read_config(str(mmderain.config_path('ViMPNet/ViMPNet.py')), {})
    weights = {name: value.loss_weight for name, value in cfg.model.items()
               if name.endswith('_loss')}
    assert weights == dict(streak_free_loss=1.0, drop_mask_loss=0.8,
                           pixel_loss=1.2, hole_loss=0.5, streak_map_loss=0.5)
    assert cfg.optim_wrapper.optimizer == dict(
        type='Adam', lr=1e-4, betas=(0.9, 0.99))
    spynet = cfg.optim_wrapper.paramwise_cfg.custom_keys.spynet
    assert spynet.lr_mult == 0.25
    assert cfg.custom_hooks[0].steps == 5000
    assert cfg.train_cfg.max_iters == 500000
    assert cfg.param_scheduler.eta_min == 1e-9
    assert cfg.default_hooks.checkpoint.interval == 5000
    assert cfg.train_dataloader.batch_size == 1
    assert cfg.auto_scale_lr.base_batch_size == 4
    steps = {step.type: step for step in cfg.train_pipeline}
    assert steps['SampleClip'].length == 5
    assert steps['PairedClipCrop'].size == 256
    assert cfg.model.test_cfg == dict(
        window=5, stride=1, tile=(256, 256), tile_overlap=32)
    assert cfg.train_dataloader.dataset.data_root == '../data'


def test_the_losses_of_attentive_gan_have_the_papers_weights(monkeypatch):
    monkeypatch.delenv('RAINDROP_ROOT', raising=False)
    cfg = read_config(
        str(mmderain.config_path('AttentiveGAN/AttentiveGAN.py')), {})
    model = cfg.model
    assert model.generator.attention_steps == 4
    assert model.attention_decay == 0.8
    assert model.scale_weights == (0.6, 0.8, 1.0)
    assert model.gan_loss == dict(
        type='GANLoss', gan_type='vanilla', loss_weight=0.01)
    assert model.map_loss.loss_weight == 0.05
    assert model.perceptual_loss == dict(type='VGG16FeatureLoss')
    steps = {step.type: step for step in cfg.train_pipeline}
    assert steps['RaindropMask'].threshold == 30
    assert steps['RaindropMask'].reduction == 'max'
    assert steps['PairedClipCrop'].size == 224
    assert cfg.train_dataloader.dataset.data_root == '../data/raindrop'
    # the other test set by an option
    cfg.merge_from_dict({'test_dataloader.dataset.split': 'test_b'})
    assert cfg.val_dataloader.dataset.split == 'test_a'
    without = Config.fromfile(
        mmderain.config_path('AttentiveGAN/AttentiveGAN_no_perceptual.py'))
    assert without.model.perceptual_loss is None


def test_one_variable_names_the_place_of_the_data(monkeypatch):
    monkeypatch.setenv('VRDS_ROOT', '/data/VRDS')
    cfg = Config.fromfile(mmderain.config_path('ViMPNet/ViMPNet.py'))
    for loader in ('train', 'val', 'test'):
        dataset = cfg[f'{loader}_dataloader'].dataset
        assert dataset.data_root == '/data/VRDS'


def test_a_config_elsewhere_can_inherit_ours(tmp_path):
    child = tmp_path / 'mine.py'
    child.write_text(
        "_base_ = __import__('mmderain').config_path("
        "'ViMPNet/ViMPNet.py')\n"
        'train_cfg = dict(max_iters=7)\n')
    cfg = Config.fromfile(child)
    assert cfg.train_cfg.max_iters == 7
    assert cfg.model.type == 'ViMPDerainer'


def test_an_unknown_config_is_answered_with_the_known():
    with pytest.raises(ConfigError, match='ViMPNet/ViMPNet_small.py'):
        mmderain.config_path('ViMPNet/ViMPNet_large.py')


def test_the_recipe_of_aligned_median(monkeypatch):
    monkeypatch.delenv('ALIGNED_MEDIAN_STEPS', raising=False)
    path = mmderain.config_path('AlignedMedian/AlignedMedian.py')
    cfg = read_config(str(path), {})
    assert cfg.optim_wrapper.optimizer == dict(
        type='AdamW', lr=1e-3, betas=(0.9, 0.99), weight_decay=0)
    assert cfg.optim_wrapper.clip_grad.max_norm == 1
    assert cfg.model.pixel_loss == dict(type='LogMSELoss', eps=3e-5)
    # two processes
    assert 2 * cfg.train_dataloader.batch_size == 12
    assert cfg.train_dataloader.dataset.crop_size == 96
    assert cfg.train_cfg.max_iters == 12800
    monkeypatch.setenv('ALIGNED_MEDIAN_STEPS', '50000')
    longer = Config.fromfile(path)
    monkeypatch.setenv('ALIGNED_MEDIAN_STEPS', '2')
    assert Config.fromfile(path).param_scheduler[0].end == 1
    for steps, config in ((12800, cfg), (50000, longer)):
        rise, fall = config.param_scheduler
        assert config.train_cfg.max_iters == steps
        assert rise.end == fall.begin == 200
        assert fall.eta_min_ratio == 0.01


def test_the_fine_tuning_of_aligned_median(monkeypatch):
    monkeypatch.delenv('ALIGNED_MEDIAN_STEPS', raising=False)
    monkeypatch.setenv('ALIGNED_MEDIAN_START', 'first.pth')
    folder = Path(mmderain.config_path('AlignedMedian/AlignedMedian.py')
                  ).parent
    cfg = read_config(str(folder / 'AlignedMedian_finetune.py'), {})
    assert cfg.load_from == 'first.pth'
    assert cfg.model.pixel_loss == dict(type='LogMSELoss', eps=3e-6)
    assert cfg.optim_wrapper.optimizer.lr == 5e-4
    assert 2 * cfg.train_dataloader.batch_size == 6
    assert cfg.train_dataloader.dataset.crop_size == 136
    assert cfg.train_cfg.max_iters == 12800
    last = Config.fromfile(folder / 'AlignedMedian_shipped.py')
    assert last.load_from == 'first.pth' and last.load_partial
    assert last.model.pixel_loss.eps == 1e-6
    assert last.optim_wrapper.optimizer.lr == 2e-4
    # the estimate of the scene joins last
    assert cfg.model.generator.scene is None
    assert last.model.generator.scene == 'film'
    clips = settings_from(json.loads(
        (folder / 'finetuning_clips.json').read_text()))
    assert clips.no_rain_share == 0.2
    assert clips.rain.strength == (0.25, 1.0)
