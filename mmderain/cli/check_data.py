"""``mmderain check-data CONFIG``: look at every pixel before training does."""

import argparse

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import (
    add_cfg_options,
    list_configs,
    read_config,
    run,
)
from mmderain.cli.data_places import what_decides
from mmderain.cli.option_types import path_text


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain check-data',
        description='Check the data sets of a config: folders, names, counts, '
        'and every pixel of every image',
        epilog=list_configs())
    parser.add_argument('config', type=path_text, help='config file, or the '
                        'name of one of mmderain')
    add_cfg_options(parser)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Check; returns 0 if the data are fine, 1 if not."""
    args = build_parser().parse_args(argv)
    return run(lambda: check(args))


def check(args: argparse.Namespace) -> int:
    """Check the data sets of a config; returns the exit status."""
    cfg = read_config(args.config, args.cfg_options)
    from mmengine.registry import DefaultScope

    from mmderain.engine.config_values import config_errors

    found = []
    with DefaultScope.overwrite_default_scope('mmagic'), config_errors(cfg):
        for phase in ('train', 'val', 'test'):
            loader = cfg.get(f'{phase}_dataloader')
            if not loader:
                continue
            summary, problems = check_dataset(loader['dataset'])
            found += problems
            print('\n  '.join([f'{phase}: {summary}', *problems]))
    for line in what_decides(cfg, '\n'.join(found)):
        print(line)
    return int(bool(found))


def check_dataset(config: dict) -> tuple[str, list[str]]:
    """Check one data set; returns a summary and its problems."""
    from mmagic.registry import DATASETS

    from mmderain.datasets.checks import check_pixels, shortened
    from mmderain.errors import DataError

    try:
        dataset = DATASETS.build(dict(config, check_images=False))
        clips = [dataset.get_data_info(index)
                 for index in range(len(dataset))]
        problems = check_pixels(clips)
    except DataError as error:
        problems = [str(error)]
    if problems:
        return f'{len(problems)} problem(s)', shortened(problems)
    frames = sum(len(clip['img_path']) for clip in clips)
    return f'{len(clips)} sequences, {frames} frames, no problems', []
