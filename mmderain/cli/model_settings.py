"""How a model is used: what configs and Python call ``test_cfg``."""

import argparse
from collections.abc import Mapping
from typing import Any

from mmderain.cli.common import read_config
from mmderain.cli.option_types import path_text, whole
from mmderain.errors import ConfigError, UserError
from mmderain.files import parse_json

# settings that have an option of their own
_OPTIONS = dict(tile='--tile', tile_overlap='--tile-overlap',
                passes='--passes', guard='--no-guard')
_OF_BATCH = ('window_batch', 'tile_batch')


def add_settings(group: argparse._ArgumentGroup) -> None:
    """The options."""
    group.add_argument(
        '--passes', type=whole(1, 2), metavar='N',
        help='2: the result is aligned once more and the frames are restored '
        'again, by PyTorch, at twice the cost; aligned_median (default: 1)')
    group.add_argument(
        '--no-guard', action='store_true',
        help='keep what the network makes also of frames in which rain does '
        'not explain it; aligned_median')
    group.add_argument(
        '--test-cfg', action='append', default=[], type=_setting,
        metavar='KEY=VALUE', help='another setting of the model, which a '
        'config has in model.test_cfg, such as stride=2; may be there more '
        'than once')
    group.add_argument(
        '--config', type=path_text, metavar='FILE',
        help='a config whose model.test_cfg is used, and nothing else of it')


def _setting(text: str) -> tuple[str, Any]:
    """``KEY=VALUE``; a value that is no JSON is a word."""
    key, equals, value = text.partition('=')
    if not (key.isidentifier() and equals and value):
        raise argparse.ArgumentTypeError(
            f'expected KEY=VALUE such as stride=2, got {text!r}')
    if value == 'None':  # as Python and configs spell it
        return key, None
    try:
        return key, parse_json(value)
    # also of a number with thousands of digits, and of brackets as many
    except (ValueError, RecursionError):
        if value in ('True', 'False'):
            return key, value == 'True'
        return key, value


def check_settings(args: argparse.Namespace) -> None:
    """Refuse what is said twice.

    Raises:
        UserError: It is.
    """
    said: dict[str, Any] = {}
    for key, value in args.test_cfg:
        if key in _OPTIONS:
            raise UserError(f'--test-cfg {key}: expected {_OPTIONS[key]}, '
                            'which says it. Use that.')
        if key in _OF_BATCH and args.batch is not None:
            raise UserError(f'--test-cfg {key}: expected it or --batch, not '
                            'both.')
        if key in said:
            raise UserError(f'--test-cfg {key}: expected one value, got '
                            f'{said[key]!r} and {value!r}.')
        said[key] = value


def read_settings(args: argparse.Namespace) -> dict[str, Mapping]:
    """What a restorer takes of it, by the names of its arguments.

    Raises:
        ConfigError: The config cannot be read, or says nothing of this.
    """
    test_cfg = dict(args.test_cfg)
    if args.passes is not None:
        test_cfg['passes'] = args.passes
    if args.no_guard:
        test_cfg['guard'] = False
    settings = dict(test_cfg=test_cfg) if test_cfg else {}
    if args.config is not None:
        config = read_config(args.config, {})
        test_cfg = (config.get('model') or {}).get('test_cfg')
        if test_cfg and not isinstance(test_cfg, Mapping):
            raise ConfigError(f'--config {args.config}: expected '
                              'model.test_cfg to be a dict, got '
                              f'{type(test_cfg).__name__}. Fix it.')
        if not test_cfg:
            raise ConfigError(f'--config {args.config}: expected a config '
                              'with model.test_cfg, got one without. Leave '
                              'it out.')
        settings['model_config'] = config
    return settings
