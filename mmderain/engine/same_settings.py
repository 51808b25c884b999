"""Whether a training that is resumed has the settings it was begun with.

MMEngine goes on with those of the checkpoint, whatever the config says, and
with another optimiser it ends in the first step.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike

from mmengine.hooks import EMAHook, Hook
from mmengine.optim import OptimWrapper, OptimWrapperDict

from mmderain.errors import ConfigError

# of a group of parameters, what changes how fast it is and no more
_OF_SPEED = ('foreach', 'fused', 'capturable', 'differentiable')
# of a schedule, how far it is and what it makes of the optimiser's settings
_OF_PROGRESS = ('last_step', '_global_step', '_last_value', 'base_values',
                'verbose')


def require_same_optimizer(saved: Mapping,
                           wrapper: OptimWrapper | OptimWrapperDict,
                           source: str | PathLike) -> None:
    """Refuse the state of another optimiser, or of one set otherwise.

    Args:
        saved: The ``optimizer`` of a checkpoint.
        wrapper: That it shall be loaded into.
        source: The checkpoint, for messages.

    Raises:
        ConfigError: Names what differs.
    """
    several = isinstance(wrapper, OptimWrapperDict)
    for name, item in (wrapper.items() if several else [('', wrapper)]):
        before = saved.get(name, {}) if several else saved
        found = _groups(before.get('base_param_settings'),
                        before.get('param_groups', []))
        wanted = _groups(item.base_param_settings,
                         item.optimizer.param_groups)
        if [group['params'] for group in found] != [
                group['params'] for group in wanted]:
            raise _refused(source, 'optimizer', 'its groups of parameters '
                           'are others')
        # what only the new one has may be of a newer PyTorch
        _compare(source, 'optimizer', (
            (key, group[key], now.get(key)) for group, now in zip(
                found, wanted, strict=True) for key in group))


def optimizer_kinds(wrapper: OptimWrapper | OptimWrapperDict
                    ) -> dict[str, str]:
    """The class of each optimiser, by its name; '' where it has none."""
    several = isinstance(wrapper, OptimWrapperDict)
    return {name: type(item.optimizer).__name__ for name, item in (
        wrapper.items() if several else [('', wrapper)])}


def require_same_kinds(saved: Mapping[str, str] | None,
                       wanted: Mapping[str, str], source: str | PathLike
                       ) -> None:
    """Refuse the state of an optimiser of another kind.

    Some have the same settings, and the same state, which means another
    thing to each.

    Args:
        saved: As of :func:`optimizer_kinds`; what is none, as where a
            checkpoint does not say it, tells nothing.
        wanted: The same of the config.
        source: The checkpoint, for messages.

    Raises:
        ConfigError: Names what differs.
    """
    known = saved if isinstance(saved, Mapping) else {}
    _compare(source, 'optimizer', (
        (f'{name} type'.lstrip(), kind, wanted.get(name))
        for name, kind in known.items()))


def require_same_schedules(saved: Sequence[Mapping], wanted: Sequence[Mapping],
                           source: str | PathLike) -> None:
    """Refuse schedules that are set otherwise.

    Args:
        saved: States of those of a checkpoint.
        wanted: Of those of the config.
        source: The checkpoint, for messages.

    Raises:
        ConfigError: Names what differs.
    """
    _compare(source, 'schedule', (
        (key, before.get(key), now.get(key))
        for before, now in zip(saved, wanted, strict=True)
        for key in {**before, **now} if key not in _OF_PROGRESS))


def require_same_batches(saved: Sequence[int | None],
                         wanted: Sequence[int | None],
                         source: str | PathLike) -> None:
    """Refuse another batch size, but where as many samples come of it.

    The data go on where so many iterations of that many samples end. With
    another number of processes a training may go on all the same, and then
    the batch size may make up for it.

    Args:
        saved: Batch size and processes of a checkpoint; None where it does
            not say them.
        wanted: The same of the config; None where nothing says it.
        source: The checkpoint, for messages.

    Raises:
        ConfigError: They differ.
    """
    if None in (*saved, *wanted):
        return
    (size, processes), (now, present) = saved, wanted
    if size != now and size * processes != now * present:
        raise _refused(source, 'batch size', (
            f'train_dataloader.batch_size was {size} in {processes} '
            f'process(es) and is {now} in {present}'))


def require_averages_used(checkpoint: Mapping, hooks: Iterable[Hook],
                          source: str | PathLike) -> None:
    """Refuse moving averages where they would be taken for the weights.

    Raises:
        ConfigError: The training was begun with them, and goes on without.
    """
    if 'ema_state_dict' in checkpoint and not any(
            isinstance(hook, EMAHook) for hook in hooks):
        raise ConfigError(
            f'{source}: expected a checkpoint of a training without moving '
            'averages, which would be taken for the weights themselves. '
            'Resume with them (default_hooks.ema.type=EMAHook and its '
            'settings); or start another training from them: another '
            '--work-dir, and load_from instead of --resume.')


def _groups(base: Mapping | None, groups: Sequence[Mapping]) -> list[dict]:
    """Settings of groups of parameters as a training began with them."""
    return [dict(_begun(group)) for group in (
        groups if base is None else [base, *groups])]


def _begun(group: Mapping) -> Iterator[tuple[str, object]]:
    for name, value in group.items():
        if name == 'params':
            yield name, len(value)
        elif name not in _OF_SPEED and not name.startswith('initial_'):
            # what a schedule changes
            value = group.get(f'initial_{name}', value)
            yield name, tuple(value) if isinstance(value, list) else value


def _compare(source: str | PathLike, what: str,
             values: Iterable[tuple[str, object, object]]) -> None:
    changed: dict[str, str] = {}
    for name, was, now in values:
        if was != now:
            # the first is the network's, others are shares of it
            changed.setdefault(name, f'{name} was {was} and is {now}')
    if changed:
        raise _refused(source, what, ', '.join(changed.values()))


def _refused(source: str | PathLike, what: str, reason: str) -> ConfigError:
    return ConfigError(
        f'{source}: expected a checkpoint of this {what}, but {reason}. '
        'Resume with the settings of that training; or start another one from '
        'its weights: another --work-dir, and load_from instead of --resume.')
