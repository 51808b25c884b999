"""The pieces that docs/training.md lists: every method with all of them."""

import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

import mmderain
from mmderain.checkpoints.safe_loading import load_checkpoint_file
from mmderain.cli.train import build_parser
from mmderain.methods import METHODS
from tests.helpers.recipes import shrink
from tests.test_engine.helpers import train
from tests.tiny import ROOT

SECTION = (ROOT / 'docs' / 'training.md').read_text().partition(
    '## Pieces that go together')[2].partition('\n## ')[0]
PIECES = dict(re.findall(r'^\| ([^|`]+) \| `([^`]+)` \|$', SECTION, re.M))
CONFIGS = sorted({f'{name}/{name}.py' for name in (
    Path(method.config).parent.name for method in METHODS.values())})


@pytest.fixture(autouse=True)
def _others_need_not_be_deterministic():
    yield
    torch.use_deterministic_algorithms(False)


def options_for(config: str, pieces: str) -> dict:
    """The options as the command understands them."""
    words = pieces.split()
    if config.startswith('AttentiveGAN'):
        words = [word.replace('optim_wrapper.', f'optim_wrapper.{name}.')
                 for word in words for name in ('generator', 'discriminator')]
    return build_parser().parse_args(
        [config, '--cfg-options', *dict.fromkeys(words)]).cfg_options


def test_the_pieces_are_found():
    assert len(PIECES) == 6


@pytest.mark.parametrize('name', CONFIGS)
def test_every_method_with_all_pieces(name, data_roots, tmp_path,
                                      monkeypatch):
    for variable, root in data_roots.items():
        monkeypatch.setenv(variable, root)
    cfg = Config.fromfile(mmderain.config_path(name))
    cfg.merge_from_dict(options_for(name, ' '.join(PIECES.values())))
    cfg = shrink(cfg, tmp_path / 'work')
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.custom_hooks = []
    cfg.default_hooks.checkpoint.update(interval=8, save_best=None)
    cfg.train_cfg.max_iters = 8
    cfg.experiment_name = tmp_path.name
    runner = train(cfg)
    saved = load_checkpoint_file(Path(cfg.work_dir) / 'iter_8.pth')
    averaged, trained = saved['state_dict'], saved['ema_state_dict']
    assert any(not torch.equal(value, trained[f'module.{key}'])
               for key, value in averaged.items())
    assert runner.deterministic and runner.seed == 0
    assert list(Path(cfg.work_dir).rglob('events.out.tfevents*'))
    wrappers = runner.optim_wrapper
    for wrapper in wrappers.values() if hasattr(
            wrappers, 'optim_wrappers') else [wrappers]:
        assert type(wrapper).__name__ == 'BFloat16OptimWrapper'
        assert wrapper._accumulative_counts == 4
        assert wrapper.clip_grad_kwargs['max_norm'] == 1
