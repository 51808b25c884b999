"""Our configs with tiny networks and data, for a few steps in a moment."""

import copy
from pathlib import Path

import numpy as np
from mmagic.registry import MODELS
from mmengine.config import Config

from mmderain.cli.synthesize import main as synthesize
from mmderain.datasets.aligned_clips import align_clips
from mmderain.methods import METHODS
from tests.tiny import (
    write_clips,
    write_image,
    write_lens_clips,
    write_pairs,
    write_rainsyn,
)

# networks of the same parts that take a second instead of a minute
SMALL = {method.network.rpartition('.')[2]: dict(method.tiny)
         for method in METHODS.values()}
# of the networks that only train others
SMALL_DISCRIMINATOR = dict(
    channels=(2, 2, 4, 4, 4, 4, 4, 4), hidden=4, grid=2)


def write_data_roots(folder: Path) -> dict[str, str]:
    """A set for each variable of the environment that configs read."""
    ramp = np.linspace(0, 255, 96).astype(np.uint8)
    for name in ('a', 'b'):
        for index in range(9):
            image = np.dstack([np.roll(np.tile(ramp, (64, 1)), index, 1)] * 3)
            write_image(folder / 'clean' / name / f'{index}.png', image)
    for split in ('train', 'test'):
        for options in (['vrds'], ['rendered', '--preset',
                                   'rainsyn_complex']):
            output, *options = options
            assert synthesize([str(folder / 'clean'), str(folder / output),
                               '--split', split, *options]) == 0
    rainsyn = str(write_rainsyn(folder / 'rainsyn'))
    for split in ('train', 'test_a'):
        write_pairs(folder / 'raindrop' / split, count=3, size=(36, 44))
    align_clips(write_clips(folder / 'clips'))
    align_clips(write_clips(folder / 'light_clips'), alignment='quick')
    for name in ('finetuning', 'footage', 'heavy', 'clean', 'dense'):
        align_clips(write_clips(folder / 'guided_clips' / name / 'train',
                                count=2, frames=9),
                    alignment='composed', guide='light_median')
    write_lens_clips(folder / 'lens_clips')
    return dict(VRDS_ROOT=str(folder / 'vrds'),
                ALIGNED_CLIPS_ROOT=str(folder / 'clips'),
                GUIDED_CLIPS_ROOT=str(folder / 'guided_clips'),
                LIGHT_CLIPS_ROOT=str(folder / 'light_clips'),
                LENS_CLIPS_ROOT=str(folder / 'lens_clips'),
                HELD_OUT_ROOT=rainsyn,
                RAINDROP_ROOT=str(folder / 'raindrop'),
                RAINSYN_LIGHT25_ROOT=rainsyn, RAINSYN_COMPLEX25_ROOT=rainsyn,
                RAINSYN_RENDERED_ROOT=str(folder / 'rendered'))


def shrink(cfg: Config, work_dir: Path) -> Config:
    """The config with a small network and data, and two optimiser steps."""
    steps = 2 * cfg.optim_wrapper.get('accumulative_counts', 1)
    cfg.model.generator.update(
        copy.deepcopy(SMALL[cfg.model.generator.type]))
    if 'tile' in MODELS.get(cfg.model.type).test_options:
        cfg.model.test_cfg.update(tile=(32, 32), tile_overlap=8)
    cfg.train_cfg.max_iters = steps
    if cfg.val_cfg:
        cfg.train_cfg.val_interval = steps
        cfg.val_dataloader.num_workers = 0
    cfg.default_hooks.checkpoint.update(interval=steps)
    if isinstance(cfg.param_scheduler, list):
        # its warm-up
        cfg.param_scheduler = dict(cfg.param_scheduler[0], end=steps)
    cfg.train_dataloader.update(num_workers=0, persistent_workers=False)
    cfg.train_dataloader.batch_size = min(2, cfg.train_dataloader.batch_size)
    cfg.crop_size = 32
    if 'discriminator' in cfg.model:
        cfg.model.discriminator.update(SMALL_DISCRIMINATOR)
    # reads a file that few machines have; has tests of its own
    if cfg.model.get('perceptual_loss'):
        cfg.model.perceptual_loss = dict(type='MSELoss')
    cfg.load_from = None
    cfg.work_dir, cfg.launcher = str(work_dir), 'none'
    return cfg
