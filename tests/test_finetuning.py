"""Official checkpoints as the start of a training, of each method."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

import mmderain
from mmderain.cli.convert import main as convert
from mmderain.engine import DerainRunner
from tests.helpers import attentive_gan_reference, vimpnet_reference
from tests.helpers.recipes import SMALL_DISCRIMINATOR
from tests.test_engine.helpers import weights

# method, the released file in ../shared, the config
RELEASED = [
    ('eevrsr', 'EEVRSR_all/model.ckpt', 'EEVRSR'),
    ('eevrsr', 'EEVRSR_all/model.ckpt', 'EEVRSR_small'),
    ('eevrsr_derain_only', 'EEVRSR_derain_only/model.ckpt',
     'EEVRSR_derain_only'),
    ('j4rnet_released_brcn', 'rain_removal_BRCN_type_iter_90000.caffemodel',
     'J4RNet_released_brcn_finetune')]


def fine_tune(method: str, official: Path, name: str, folder: Path,
              data_roots: dict, monkeypatch) -> tuple[dict, dict, Path]:
    """Convert, train for two steps; the weights before and after, the log."""
    for variable, root in data_roots.items():
        monkeypatch.setenv(variable, root)
    start = folder / 'start.pth'
    assert convert([method, str(official), str(start)]) == 0
    cfg = Config.fromfile(mmderain.config_path(name))
    cfg.load_from = str(start)
    cfg.crop_size = 32
    cfg.train_cfg.max_iters = 2
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.custom_hooks = []
    cfg.default_hooks.checkpoint.update(interval=2, save_best=None)
    cfg.train_dataloader.update(
        batch_size=2, num_workers=0, persistent_workers=False)
    if 'discriminator' in cfg.model:  # no official one is there
        cfg.model.discriminator.update(SMALL_DISCRIMINATOR)
        cfg.load_partial = True
    cfg.work_dir, cfg.launcher = str(folder / 'work'), 'none'
    cfg.experiment_name = folder.name
    runner = DerainRunner.from_cfg(cfg)
    runner.train()
    log = next(Path(runner.log_dir).glob('*.log')).read_text()
    before = torch.load(start, weights_only=False)['state_dict']
    return before, weights(cfg, 2), log


def check(before: dict, after: dict, lr: float = 1e-2) -> None:
    """It went on from there: moved, but not far."""
    moved = 0
    for name, value in before.items():
        change = (after[name].double() - value).abs().max()
        if 'running' not in name and 'num_batches' not in name:
            assert change < lr, name
            moved += change > 0
    assert moved > len(before) / 4


@pytest.mark.parametrize(('method', 'file', 'name'), RELEASED)
def test_from_the_released_weights(method, file, name, shared, data_roots,
                                   tmp_path, monkeypatch):
    before, after, log = fine_tune(
        method, shared / 'data' / 'weights' / file, name, tmp_path,
        data_roots, monkeypatch)
    assert f'Loaded {tmp_path / "start.pth"}, every weight of it' in log
    check(before, after)


@pytest.mark.parametrize(('method', 'name', 'official'), [
    ('attentive_gan', 'AttentiveGAN_no_perceptual',
     lambda: attentive_gan_reference.official_weights('generator', 'default')),
    pytest.param('vimpnet', 'ViMPNet', vimpnet_reference.official_weights,
                 marks=pytest.mark.slow)])
def test_from_a_file_of_the_official_form(method, name, official, data_roots,
                                          tmp_path, monkeypatch):
    """Of random weights: the released files could not be had."""
    file = tmp_path / 'official.pth'
    torch.save({key: torch.from_numpy(value)
                for key, value in official().items()}, file)
    before, after, log = fine_tune(method, file, name, tmp_path, data_roots,
                                   monkeypatch)
    assert f'Loaded {tmp_path / "start.pth"}' in log
    check(before, after)
