"""Two networks on two processes: trained, resumed, loaded by one, tested."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmagic.registry import MODEL_WRAPPERS
from mmengine.config import Config
from mmengine.registry import MODEL_WRAPPERS as ROOT_MODEL_WRAPPERS

from mmderain import config_path
from mmderain.checkpoints import load_network
from mmderain.engine import SeparateDistributedDataParallel
from tests.tiny import ROOT, write_pairs

from .helpers import (
    assert_equal_weights,
    make_runner,
    train,
    train_until,
    weights,
)

LOSSES = ('loss_attention', 'loss_quarter', 'loss_half', 'loss_pix',
          'loss_gan', 'loss_d_real', 'loss_d_fake', 'loss_d_map')


@pytest.fixture
def config(tmp_path) -> Path:
    """The small config with tiny networks, few steps and little data."""
    data = tmp_path / 'data'
    write_pairs(data / 'train', count=6)
    write_pairs(data / 'test_a', 'input', count=3, size=(22, 30))
    path = tmp_path / 'config.py'
    base = config_path('AttentiveGAN/AttentiveGAN_small.py')
    path.write_text('\n'.join([
        f"_base_ = ['{base}']",
        'model = dict(generator=dict(channels=4, attention_channels=4,',
        '                            attention_blocks=1),',
        '             discriminator=dict(channels=(2, 2, 4, 4, 4, 4, 4, 4),',
        '                                hidden=4, grid=2))',
        'train_cfg = dict(max_iters=6, val_interval=6)',
        "param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=False)]",
        'default_hooks = dict(logger=dict(interval=1),',
        '                     checkpoint=dict(interval=2))',
        f"data_root = '{data}'",
        'crop_size = 16',
        'train_dataloader = dict(num_workers=0, persistent_workers=False,',
        '                        dataset=dict(data_root=data_root))',
        'val_dataloader = dict(num_workers=0,',
        '                      dataset=dict(data_root=data_root))',
        'test_dataloader = dict(num_workers=0,',
        '                       dataset=dict(data_root=data_root))',
        'randomness = dict(seed=1)']) + '\n')
    return path


def load(config, work) -> Config:
    cfg = Config.fromfile(config)
    cfg.work_dir, cfg.launcher = str(work), 'none'
    cfg.experiment_name = Path(work).name
    return cfg


def distributed(script, *arguments) -> str:
    """Run a script of tools/ on two processes; returns what it said."""
    done = subprocess.run(
        [str(part) for part in (ROOT / 'tools' / script, *arguments)],
        env=dict(os.environ, PYTHON=sys.executable), text=True, timeout=240,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def both_networks(state: dict) -> dict[str, list[str]]:
    """Names of a state dict by their first part."""
    parts: dict[str, list[str]] = {}
    for name in state:
        parts.setdefault(name.partition('.')[0], []).append(name)
    return parts


def test_two_processes_train_resume_and_test(config, tmp_path):
    whole, resumed, alone = (tmp_path / name for name in (
        'whole', 'resumed', 'alone'))
    output = distributed('dist_train.sh', config, 2, '--work-dir', whole)
    assert '2 process(es) on the CPU (gloo)' in output
    assert all(f'{name}: ' in output for name in LOSSES)
    cfg = load(config, whole)
    state = weights(cfg, 6)

    # both networks learn, and no name tells of the processes
    assert set(both_networks(state)) == {'generator', 'discriminator'}
    assert not any('module' in name for name in state)
    before = weights(cfg, 2)
    for names in both_networks(state).values():
        assert any(not torch.equal(state[name], before[name])
                   for name in names)

    # resumed from the middle on two processes: equal to the bit
    resumed.mkdir()
    shutil.copy(whole / 'iter_4.pth', resumed)
    output = distributed('dist_train.sh', config, 2, '--work-dir', resumed,
                         '--resume')
    assert f'Resuming from {resumed}/iter_4.pth' in output
    assert_equal_weights(weights(load(config, resumed), 6), state)

    # taken up by one process, optimisers included
    alone.mkdir()
    shutil.copy(whole / 'iter_4.pth', alone)
    single = load(config, alone)
    single.resume = True
    runner = train(single)
    assert runner.iter == 6
    assert any(not torch.equal(value, before[name])
               for name, value in weights(single, 6).items())
    network = load_network(str(whole / 'iter_6.pth'))
    assert type(network).__name__ == 'AttentiveGANGenerator'

    # the protocol's figures: the same on two processes and on one
    distributed('dist_test.sh', config, whole / 'iter_6.pth', 2,
                '--save-path', tmp_path / 'restored', '--out',
                tmp_path / 'metrics.json')
    scores = json.loads((tmp_path / 'metrics.json').read_text())
    single.load_from, single.resume = str(whole / 'iter_6.pth'), False
    runner = make_runner(single)
    seen = {}
    runner.register_hook(_Scores(seen))
    runner.test()
    assert scores == seen
    assert set(scores) == {'Raindrop/PSNR', 'Raindrop/SSIM'}
    assert np.isfinite(list(scores.values())).all()
    assert sorted(path.name for path in
                  (tmp_path / 'restored' / 'test_a').iterdir()) == [
        '0_rain.png', '1_rain.png', '2_rain.png']
    assert (alone / 'pictures' / 'attention_2.png').is_file()


class _Scores:
    """A hook that keeps the metrics of a test."""

    def __new__(cls, seen):
        from mmengine.hooks import Hook

        class Scores(Hook):

            def after_test_epoch(self, runner, metrics=None):
                seen.update(metrics)

        return Scores()


def test_a_checkpoint_of_one_process_goes_on_with_two(config, tmp_path):
    cfg = load(config, tmp_path / 'one')
    train_until(cfg, 2)
    output = distributed(
        'dist_train.sh', config, 2, '--work-dir', tmp_path / 'one',
        '--resume')
    assert 'every weight of it' in output
    state, before = weights(cfg, 6), weights(cfg, 2)
    assert state.keys() == before.keys()
    assert any(not torch.equal(state[name], before[name]) for name in state)


def test_pictures_of_the_attention(config, tmp_path):
    import cv2
    cfg = load(config, tmp_path / 'work')
    train(cfg)
    pictures = tmp_path / 'work' / 'pictures'
    assert sorted(path.name for path in pictures.iterdir()) == [
        *(f'attention_6_{index}.png' for index in range(3)),
        *(f'iter_6_{index}.png' for index in range(3))]
    # rainy, four maps, restored, clean; 22 x 30 is no multiple of 4
    image = cv2.imread(str(pictures / 'attention_6_2.png'))
    assert image.shape == (22, 7 * 30, 3)
    rainy, *maps, restored, clean = np.split(image, 7, axis=1)
    assert (clean == 20).all() and rainy[6, 6, 0] == 80
    assert all((step[..., :1] == step).all() for step in maps)


def test_the_wrapper_is_found_by_its_name():
    name = 'SeparateDistributedDataParallel'
    assert MODEL_WRAPPERS.get(name) is SeparateDistributedDataParallel
    # as MMEngine's Runner looks it up
    assert ROOT_MODEL_WRAPPERS.get(
        f'mmagic.{name}') is SeparateDistributedDataParallel
