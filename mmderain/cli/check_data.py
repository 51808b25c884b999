"""``mmderain check-data CONFIG``: look at every pixel before training does."""

import argparse

from mmderain.cli.common import read_config, run


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = argparse.ArgumentParser(
        prog='mmderain check-data',
        description='Check the data sets of a config: folders, names, counts, '
        'and every pixel of every image')
    parser.add_argument('config', help='config file')
    parser.add_argument('--cfg-options', nargs='+', default=[],
                        metavar='KEY=VALUE', help='override settings')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Check; returns 0 if the data are fine, 1 if not."""
    args = build_parser().parse_args(argv)
    return run(lambda: check(args))


def check(args: argparse.Namespace) -> int:
    """Check the data sets of a config; returns the exit status."""
    from mmagic.registry import DATASETS
    from mmengine.config import DictAction
    from mmengine.registry import DefaultScope

    from mmderain.datasets.checks import check_pixels
    from mmderain.errors import DataError

    options = dict(item.split('=', 1) for item in args.cfg_options)
    cfg = read_config(args.config, {
        key: DictAction._parse_iterable(value)
        for key, value in options.items()})
    failed = False
    with DefaultScope.overwrite_default_scope('mmagic'):
        for phase in ('train', 'val', 'test'):
            loader = cfg.get(f'{phase}_dataloader')
            if not loader:
                continue
            try:
                dataset = DATASETS.build(
                    dict(loader['dataset'], check_images=False))
                clips = [dataset.get_data_info(index)
                         for index in range(len(dataset))]
                problems = check_pixels(clips)
            except DataError as error:
                problems = [str(error)]
            frames = 0 if problems else sum(
                len(clip['img_path']) for clip in clips)
            failed |= bool(problems)
            print(f'{phase}: ' + ('\n  '.join(
                [f'{len(problems)} problem(s)', *problems]) if problems else
                f'{len(clips)} sequences, {frames} frames, no problems'))
    return int(failed)
