"""Settings that would spoil a training run hours later, refused at its start.
"""

from collections.abc import Iterator

from mmengine.config import Config

from mmderain.errors import ConfigError


def check_training_config(cfg: Config) -> None:
    """Look for combinations that train wrongly without a word.

    * Gradient accumulation: a checkpoint between two optimiser steps loses
      the gradients collected so far, so every interval has to be a multiple.
    * ``max_keep_ckpts=1``: MMEngine removes the old file before it writes the
      new one; a crash in between leaves nothing.

    Raises:
        ConfigError: Names the setting, its value and what would do.
    """
    checkpoint = cfg.get('default_hooks', {}).get('checkpoint') or {}
    train = cfg.get('train_cfg') or {}
    intervals = {
        'default_hooks.checkpoint.interval': checkpoint.get('interval', -1),
        'train_cfg.max_iters': train.get('max_iters', -1)}
    if checkpoint.get('save_best'):
        intervals['train_cfg.val_interval'] = train.get('val_interval', -1)
    for count in _accumulative_counts(cfg.get('optim_wrapper') or {}):
        for name, value in intervals.items():
            if value > 0 and value % count:
                raise ConfigError(
                    f'{name}={value} is not a multiple of '
                    f'accumulative_counts={count}: a checkpoint there would '
                    'lose collected gradients. Make it '
                    f'{-(-value // count) * count}.')
    if checkpoint.get('max_keep_ckpts', -1) == 1:
        raise ConfigError(
            'default_hooks.checkpoint.max_keep_ckpts=1 leaves moments without '
            'a complete checkpoint on the disk. Keep 2 or more.')


def _accumulative_counts(optim_wrapper: dict) -> Iterator[int]:
    """The counts of one optimiser, or of several under their names."""
    nested = [value for value in optim_wrapper.values()
              if isinstance(value, dict) and 'optimizer' in value]
    for wrapper in nested or [optim_wrapper]:
        yield wrapper.get('accumulative_counts', 1)
