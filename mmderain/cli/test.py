"""Test a checkpoint: the command behind ``tools/test.py``."""

import argparse

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import (
    add_config_arguments,
    list_configs,
    load_config,
    require_checkpoint,
    run,
)
from mmderain.cli.data_places import data_places_named
from mmderain.cli.option_types import path, path_text
from mmderain.cli.places import require_apart, require_place


def build_parser() -> argparse.ArgumentParser:
    """The arguments: ViMP-Net's and MMagic's."""
    parser = CommandParser(prog='mmderain test',
                           description='Test a checkpoint',
                           epilog=list_configs())
    add_config_arguments(parser)
    parser.add_argument('checkpoint', type=path_text,
                        help='checkpoint file')
    parser.add_argument('--save-path', type=path, metavar='FOLDER',
                        help='write restored frames as PNG, a folder for '
                        'each sequence')
    parser.add_argument('--out', type=path, metavar='FILE.json',
                        help='write the metrics')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Test; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: test(args))


def test(args: argparse.Namespace) -> None:
    """Test as the arguments say.

    Raises:
        UserError: The checkpoint does not fit, the data are wrong, an output
            cannot be written.
    """
    require_place('--save-path', args.save_path, is_folder=True)
    require_place('--out', args.out)
    require_apart(save_path=args.save_path, out=args.out)
    cfg = load_config(args)
    require_checkpoint(args.checkpoint)
    cfg.load_from = args.checkpoint
    # MMagic takes seconds to import, complaints shall not
    from mmderain.engine import DerainRunner, FrameWriterHook, MetricsFileHook
    with data_places_named(cfg):
        runner = DerainRunner.from_cfg(cfg)
        if args.save_path:
            runner.register_hook(FrameWriterHook(str(args.save_path)), 'LOW')
        if args.out:
            runner.register_hook(MetricsFileHook(str(args.out)), 'LOWEST')
        runner.test()
