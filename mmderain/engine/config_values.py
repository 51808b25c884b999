"""What a config says wrongly, told by the setting's name and at the start."""

import difflib
import inspect
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from mmengine.config import Config
from mmengine.runner import Runner

from mmderain.engine.config_kinds import misfits
from mmderain.engine.config_variables import dicts_in, variables_in_use
from mmderain.errors import ConfigError

# what a Runner reads of a config besides its own arguments
_RUNNER_KEYS = {
    'activation_checkpointing', 'compile', 'custom_imports',
    'efficient_conv_bn_eval', 'find_unused_parameters', 'load_partial',
    'model_wrapper_cfg', 'runner_type', 'sync_bn'}


def _is_whole(value: object, least: int) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)
            and value >= least)


def _is_count_of_iterations(value: object) -> bool:
    # --cfg-options train_cfg.max_iters=1e5 is a float
    return _is_whole(
        int(value) if isinstance(value, float) and value.is_integer()
        else value, 1)


def _is_rate(value: object) -> bool:
    return (isinstance(value, int | float) and not isinstance(value, bool)
            and math.isfinite(value) and value >= 0)


def _may_be_settings(value: object) -> bool:
    return not isinstance(value, bool | int | float | str | list | tuple)


_LEVELS = ('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL')
_ALIKE = 0.85  # of two names, from 0 to 1

# (settings, what they may be, the same in words, an example if it is short)
_RULES = (
    (r'\w+_dataloader\.batch_size|crop_size|clip_length'
     r'|\w+_dataloader\.dataset\.(.+\.)?(clip_length|max_frames|crop_size)'
     r'|train_dataloader\..*pipeline\[\d+\]\.(size|length)'
     r'|model\.test_cfg\.(window|stride)'
     r'|optim_wrapper\.(\w+\.)?accumulative_counts',
     lambda value: _is_whole(value, 1), 'a whole number from 1 on', 4),
    (r'train_cfg\.(max_iters|val_interval)', _is_count_of_iterations,
     'a whole number from 1 on', 1000),
    (r'\w+_dataloader\.num_workers',
     lambda value: _is_whole(value, 0) and value <= 1024,
     'a whole number from 0 to 1024', 0),
    (r'default_hooks\.checkpoint\.interval',
     lambda value: _is_whole(value, 1) or value == -1,
     'a whole number from 1 on, or -1 for the end alone', 1000),
    (r'default_hooks\.checkpoint\.max_keep_ckpts',
     lambda value: _is_whole(value, -1),
     'a whole number from 2 on, or -1 for all', 3),
    (r'default_hooks\.\w+|\w+_dataloader\.(dataset|sampler)|auto_scale_lr'
     r'|model\.(\w+_cfg|data_preprocessor)', _may_be_settings,
     'a dict of settings', None),
    (r'\w+_dataloader\.(.+\.)?pipeline',
     lambda value: isinstance(value, list | tuple),
     'a list of transforms', None),
    (r'log_level', lambda value: value in _LEVELS,
     f'one of {", ".join(_LEVELS)}', 'INFO'),
    (r'randomness\.seed',
     lambda value: _is_whole(value, 0) and value < 1 << 32,
     f'a whole number from 0 to {(1 << 32) - 1}', 0),
    (r'optim_wrapper\.(\w+\.)?(optimizer\.lr|clip_grad\.max_norm)'
     r'|param_scheduler(\.\w+)?(\[\d+\])?\.(eta_min|eta_min_ratio)',
     _is_rate, 'a finite number that is not negative', 1e-4),
)
# a part of a config is used with all of these, or with none
_GROUPS = tuple(
    (f'{phase}_dataloader', f'{phase}_cfg', last) for phase, last in (
        ('train', 'optim_wrapper'), ('val', 'val_evaluator'),
        ('test', 'test_evaluator')))


def check_settings(cfg: Config | dict) -> None:
    """Refuse values that nothing can be made of.

    Args:
        cfg: A config whose variables are put in.

    Raises:
        ConfigError: Names the setting, what it may be, and a way to set it.
    """
    name = getattr(cfg, 'filename', None) or 'The config'
    if not cfg.get('model'):
        raise ConfigError(
            f'{name} has no model: it is empty, or a part of a config. '
            "Inherit a whole one, such as _base_ = __import__('mmderain')."
            "config_path('ViMPNet/ViMPNet.py').")
    if not isinstance(cfg['model'], dict) or not isinstance(
            cfg['model'].get('type'), str):
        raise ConfigError(
            f'{name}: model has to be a dict with a type, such as '
            "dict(type='ViMPDerainer', ...). Inherit a whole config.")
    for group in _GROUPS:
        given = [key for key in group if cfg.get(key) is not None]
        missing = [key for key in group if key not in given]
        if given and missing:
            raise ConfigError(
                f'{name}: {", ".join(given)} cannot be used without '
                f'{", ".join(missing)}. Give all of them, or set all to None.')
    for path, settings in dicts_in(cfg):
        for key, value in settings.items():
            _check_value(f'{path}.{key}' if path else key, value)


def _check_value(setting: str, value: object) -> None:
    # None is "no limit" or "drawn", where it is allowed at all
    if value is None:
        return
    for pattern, is_right, expected, example in _RULES:
        if re.fullmatch(pattern, setting) and not is_right(value):
            instance = '' if example is None else (
                f', for instance {setting}={example}')
            raise ConfigError(
                f'{setting} has to be {expected}, it is {value!r}. Change it '
                f'in the config, or by --cfg-options{instance}.')


def check_options(options: dict, cfg: Config) -> None:
    """Refuse options that would change nothing.

    Args:
        options: Dotted names and values, not yet merged.
        cfg: The config, its variables not yet put in.

    Raises:
        ConfigError: Nothing reads what an option sets.
    """
    known = _known_keys() | variables_in_use(cfg)
    for option in options:
        key = option.partition('.')[0]
        if key in known:
            continue
        if key in cfg:
            raise ConfigError(
                f'--cfg-options {option}: {key} was read while the config '
                'was, so a change of it would have no effect. Change the '
                'settings that were made of it, such as '
                'train_cfg.max_iters or train_dataloader.dataset.data_root.')
        near = difflib.get_close_matches(key, known, n=1)
        raise ConfigError(
            f'--cfg-options {option}: this config has no {key} that anything '
            f'reads. {f"Did you mean {near[0]}? " if near else ""}'
            f'Its variables are '
            f'{", ".join(sorted(variables_in_use(cfg))) or "none"}.')


def _known_keys() -> set[str]:
    return set(inspect.signature(Runner).parameters) - {'cfg'} | _RUNNER_KEYS


def misspelt_keys(cfg: Config) -> dict[str, str]:
    """Keys of a config that look like those that a Runner reads.

    Others are left alone: a config may have variables of its own.

    Returns:
        dict[str, str]: From a key to what was probably meant.
    """
    known = _known_keys()
    near = {key: difflib.get_close_matches(key, known, 1, _ALIKE)
            for key in cfg if key not in known | variables_in_use(cfg)}
    return {key: match[0] for key, match in near.items() if match}


@contextmanager
def config_errors(cfg: Config | dict) -> Iterator[None]:
    """What goes wrong while parts are built, as errors of the config.

    Raises:
        ConfigError: A part has no such setting or lacks one, or there is no
            such type.
    """
    try:
        yield
    except ConfigError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, AttributeError,
            AssertionError) as error:
        problem = _problem(str(error), cfg) or ' '.join(
            islice(misfits(cfg), 3)) or None
        if problem is None and isinstance(error, ValueError):
            # of what is built, of numbers that do not fit together
            problem = f'The config asks for what cannot be: {error}.'
        if problem is None:
            raise
        raise ConfigError(problem) from error


def _problem(said: str, cfg: Config | dict) -> str | None:
    unknown = re.search(
        r"(\w+)(?:\.__init__)?\(\) got an unexpected keyword argument "
        r"'(\w+)'", said)
    if unknown:
        owner, key = unknown.groups()
        places = [f'{path}.{key}' for path, part in dicts_in(cfg)
                  if path and key in part]
        return (f'{" or ".join(places) or key}: {owner} has no setting {key}. '
                'Check its spelling, or remove it.')
    missing = re.search(
        r'(\w+)(?:\.__init__)?\(\) missing \d+ required [\w-]+ '
        r'arguments?: (.+)', said)
    if missing:
        return (f'{missing[1]} needs the settings {missing[2]}, which the '
                'config does not give. Add them.')
    absent = re.search(r'(\w+) is not in the \S+ registry', said)
    if absent:
        places = [path for path, part in dicts_in(cfg)
                  if part.get('type') == absent[1]]
        return (f'{" or ".join(places) or "type"}: there is no {absent[1]}. '
                'Check the spelling of type, or import the module that '
                'registers it by custom_imports.')
    # of a KeyError, whose text is quoted
    nameless = re.search(r'must contain the key "type", but got (.+?)\\n',
                         said.replace("\\'", "'"))
    if nameless:
        return (f'{nameless[1]} in the config has no type. Name what is to be '
                'built of it: type=...')
    if said.startswith('None is not a callable'):  # says MMEngine of these
        types = [f'{path}.optimizer.type={part["optimizer"].get("type")!r}'
                 for path, part in dicts_in(cfg)
                 if isinstance(part.get('optimizer'), dict)]
        return (f'{" or ".join(types)}: there is no such optimiser. Check its '
                'spelling.')
    return None
