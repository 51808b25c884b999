"""Train a model: the command behind ``tools/train.py``."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import (
    add_config_arguments,
    list_configs,
    load_config,
    require_checkpoint,
    run,
)
from mmderain.cli.data_places import data_places_named
from mmderain.cli.option_types import path_text
from mmderain.cli.places import require_place
from mmderain.errors import ConfigError

if TYPE_CHECKING:
    from mmengine.config import Config


def build_parser() -> argparse.ArgumentParser:
    """The arguments, as MMagic's users know them."""
    parser = CommandParser(prog='mmderain train',
                           description='Train a model',
                           epilog=list_configs())
    add_config_arguments(parser)
    parser.add_argument(
        '--resume', nargs='?', const='auto', type=path_text,
        metavar='CHECKPOINT',
        help='resume from the newest checkpoint of the work folder that can '
        'be read, or from the one named')
    parser.add_argument('--amp', action='store_true',
                        help='mixed precision: float16 on a GPU, bfloat16 on '
                        'a CPU')
    parser.add_argument('--auto-scale-lr', action='store_true',
                        help='scale the learning rate with the batch size')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Train; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: train(args))


def train(args: argparse.Namespace) -> None:
    """Train as the arguments say.

    Raises:
        UserError: See :class:`DerainRunner` and the data sets.
    """
    cfg = load_config(args)
    # MMEngine writes it beside the first checkpoint
    require_place('--work-dir', Path(cfg.work_dir) / 'last_checkpoint')
    automatic = args.resume == 'auto'
    if automatic:
        cfg.resume = 'auto'
    elif args.resume:
        cfg.resume, cfg.load_from = True, args.resume
    # what the weights to start from have led to makes them needless
    goes_on = automatic and any(Path(cfg.work_dir).glob('*_*.pth'))
    if cfg.get('load_from') and not goes_on:
        require_checkpoint(str(cfg.load_from))
    if args.amp:
        _use_amp(cfg)
    if args.auto_scale_lr:
        if 'base_batch_size' not in cfg.get('auto_scale_lr', {}):
            raise ConfigError(
                '--auto-scale-lr needs auto_scale_lr.base_batch_size in the '
                'config: the batch size that the learning rate is meant for.')
        cfg.auto_scale_lr.enable = True
    # MMagic takes seconds to import, complaints shall not
    from mmderain.engine import DerainRunner
    with data_places_named(cfg):
        DerainRunner.from_cfg(cfg).train()


def _use_amp(cfg: 'Config') -> None:
    import torch
    wrapper = cfg.optim_wrapper
    wrappers = [value for value in wrapper.values()
                if isinstance(value, dict) and 'optimizer' in value]
    for item in wrappers or [wrapper]:
        if torch.cuda.is_available():
            item.type = 'AmpOptimWrapper'
            item.setdefault('loss_scale', 'dynamic')
        else:
            item.type = 'CPUAmpOptimWrapper'
            item.pop('loss_scale', None)  # of float16
