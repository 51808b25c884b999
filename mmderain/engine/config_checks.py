"""Settings that would spoil a training run hours later, refused at its start.
"""

from collections.abc import Iterator, Mapping

from mmengine.config import Config
from mmengine.device import (
    is_cuda_available,
    is_mlu_available,
    is_npu_available,
)

from mmderain.engine.config_variables import dicts_in, fill_in_variables
from mmderain.errors import ConfigError

# settings of the training data that one variable of the config stands for
_VARIABLES = {
    ('SampleClip', 'length'): 'clip_length',
    ('PairedClipCrop', 'size'): 'crop_size'}
# schedulers that only lead to the rate that training then keeps
_WARM_UPS = ('Constant', 'Linear')


def check_training_config(cfg: Config) -> None:
    """Look for combinations that silently train wrongly.

    * Gradient accumulation: a checkpoint between two optimiser steps loses
      the gradients collected so far, so every interval has to be a multiple.
    * ``max_keep_ckpts=1``: MMEngine removes the old file before it writes the
      new one; a crash in between leaves nothing.
    * Checkpoints by epochs where training counts iterations.
    * A schedule that ends before or after training, or has parts that never
      begin.
    * MMEngine's mixed precision where there is no GPU.
    * Training data of another size or length than ``crop_size`` and
      ``clip_length`` say.

    Raises:
        ConfigError: Names the setting, its value and what would do.
    """
    cfg = fill_in_variables(cfg, cfg)
    _check_amp(cfg)
    _check_accumulation(cfg)
    checkpoint = _checkpoint_hook(cfg)
    if checkpoint.get('max_keep_ckpts', -1) == 1:
        raise ConfigError(
            'default_hooks.checkpoint.max_keep_ckpts=1 leaves moments without '
            'a complete checkpoint on the disk. Keep 2 or more.')
    counts_iterations = bool((cfg.get('train_cfg') or {}).get('max_iters'))
    # MMEngine's default; its epochs have no end where iterations are counted
    if checkpoint and checkpoint.get('by_epoch', True) and counts_iterations:
        raise ConfigError(
            'default_hooks.checkpoint.by_epoch=True and train_cfg.max_iters '
            'disagree: training by iterations would save nothing before its '
            'end. Set default_hooks.checkpoint.by_epoch=False.')
    _check_schedule(cfg)
    _check_variables(cfg)


def _check_amp(cfg: Config) -> None:
    """MMEngine's own words are an assertion without a remedy."""
    if is_cuda_available() or is_npu_available() or is_mlu_available():
        return
    for name, wrapper in _optim_wrappers(cfg):
        if wrapper.get('type') == 'AmpOptimWrapper':
            raise ConfigError(
                f"{name}.type=AmpOptimWrapper, which --amp of MMagic's tools "
                'means, needs a GPU, and there is none. Leave --amp out and '
                f'add --cfg-options {name}.type=BFloat16OptimWrapper, or use '
                'mmderain train --amp, which does so itself.')


def _checkpoint_hook(cfg: Config) -> Mapping:
    return (cfg.get('default_hooks') or {}).get('checkpoint') or {}


def check_best_figure(cfg: Config, figures: Mapping) -> None:
    """Refuse to look for the best of a figure that a validation has not.

    Raises:
        ConfigError: Names those that it has.
    """
    wanted = _checkpoint_hook(cfg).get('save_best') or []
    for name in [wanted] if isinstance(wanted, str) else wanted:
        if name not in ('auto', *figures):
            raise ConfigError(
                f'default_hooks.checkpoint.save_best={name}: expected a '
                f'figure of the validation, which has {", ".join(figures)}. '
                'Change it, and add --resume to go on from the last '
                'checkpoint.')


def _check_accumulation(cfg: Config) -> None:
    checkpoint = _checkpoint_hook(cfg)
    train = cfg.get('train_cfg') or {}
    intervals = {
        'default_hooks.checkpoint.interval': checkpoint.get('interval', -1),
        'train_cfg.max_iters': train.get('max_iters', -1)}
    if checkpoint.get('save_best'):
        intervals['train_cfg.val_interval'] = train.get('val_interval', -1)
    for _, wrapper in _optim_wrappers(cfg):
        count = wrapper.get('accumulative_counts', 1)
        for name, value in intervals.items():
            if value > 0 and value % count:
                raise ConfigError(
                    f'{name}={value} is not a multiple of '
                    f'accumulative_counts={count}: a checkpoint there would '
                    'lose collected gradients. Make it '
                    f'{-(-value // count) * count}.')


def _optim_wrappers(cfg: Config) -> Iterator[tuple[str, Mapping]]:
    """That of one optimiser, or of several, with their places."""
    whole = cfg.get('optim_wrapper') or {}
    nested = {f'optim_wrapper.{name}': value for name, value in whole.items()
              if isinstance(value, dict) and 'optimizer' in value}
    yield from (nested or {'optim_wrapper': whole}).items()


def _check_schedule(cfg: Config) -> None:
    """Every schedule by iterations has to end with training."""
    total = (cfg.get('train_cfg') or {}).get('max_iters')
    schedules = cfg.get('param_scheduler')
    if not total or not schedules:
        return
    if not isinstance(schedules, dict) or 'type' in schedules:
        schedules = {'': schedules}
    for name, schedule in schedules.items():
        path = f'param_scheduler.{name}' if name else 'param_scheduler'
        parts = {key: part for key, part in dicts_in(schedule, path)
                 if part.get('type') and not part.get('by_epoch', True)}
        ends = {key: _end_of(part, total) for key, part in parts.items()}
        last = max((end for _, end in ends.values()), default=total)
        for key, part in parts.items():
            setting, end = ends[key]
            decays = not part['type'].startswith(_WARM_UPS)
            _check_beginning(key, part, end, total)
            if end > total and not decays:
                raise ConfigError(
                    f'{key}.{setting}={part[setting]} and train_cfg.max_iters='
                    f'{total} disagree: training is over before its warm-up. '
                    f'Train longer than {end} iterations, or shorten the '
                    'warm-up (and what begins after it).')
            if end > total or (end < total and decays and end == last):
                raise ConfigError(
                    f'{key}.{setting}={part[setting]} and train_cfg.max_iters='
                    f'{total} disagree: the schedule ends at iteration {end}, '
                    f'training at {total}. Leave {setting} out of the '
                    'scheduler: it then ends with training.')


def _check_beginning(key: str, part: Mapping, end: int, total: int) -> None:
    begin = part.get('begin', 0)
    if begin >= total:
        raise ConfigError(
            f'{key}.begin={begin} and train_cfg.max_iters={total} disagree: '
            'this part of the schedule never begins. Train for more than '
            f'{begin} iterations, or shorten what comes before it.')
    if begin >= end:
        raise ConfigError(
            f'{key}: it begins at iteration {begin} and ends at {end}. '
            'Let it end later.')


def _end_of(part: Mapping, total: int) -> tuple[str, int]:
    """The setting by which a scheduler ends, and where; MMEngine's default is
    the end of training."""
    begin = part.get('begin', 0)
    if 'end' in part:
        return 'end', part['end']
    if 'periods' in part:
        return 'periods', begin + sum(part['periods'])
    for setting in ('T_max', 'total_steps'):
        if part.get(setting) is not None:
            return setting, begin + part[setting]
    return '', total


def _check_variables(cfg: Config) -> None:
    for key, part in dicts_in(cfg.get('train_dataloader'),
                              'train_dataloader'):
        for setting, value in part.items():
            variable = _VARIABLES.get((part.get('type'), setting), setting)
            if (variable in _VARIABLES.values() and variable in cfg
                    and value != cfg[variable]):
                raise ConfigError(
                    f'{key}.{setting}={value} and {variable}={cfg[variable]} '
                    f'disagree. Set {variable} alone, and write {setting}='
                    f"'${{{variable}}}' in the training data, where it stands "
                    'for its value.')
