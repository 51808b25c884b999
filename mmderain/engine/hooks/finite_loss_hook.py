"""Training stops, or leaves a step out, where a loss is not finite."""

import functools
from collections.abc import Callable

import torch
from mmagic.registry import HOOKS
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.runner import Runner
from torch import Tensor

from mmderain.errors import ConfigError, DivergedError

_ADVICE = (
    'Look at these samples, lower optim_wrapper.optimizer.lr or '
    'optim_wrapper.clip_grad.max_norm, and resume from the last checkpoint.')


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """No step is made with a loss that is not finite, whatever the method.

    The loss is looked at before its backward pass, on all processes together,
    so the weights stay as they were, and no checkpoint of ruined ones takes
    the place of a good one. It serves one optimiser or several (each with its
    loss), and gradient accumulation: a batch that is left out counts, but adds
    no gradient, and where it is the last of its group, processes could not
    share the others' gradients any more, so the group makes no step. Weights
    that a finite loss ruined are never saved.

    Args:
        policy: ``'stop'``, or ``'skip'``: leave the step out and train on.
        max_skips: Stop after so many iterations in a row with a skipped step.

    Raises:
        ConfigError: ``policy`` is neither, or ``max_skips`` is below 1.
    """

    def __init__(self, policy: str = 'stop', max_skips: int = 10) -> None:
        if policy not in ('stop', 'skip'):
            raise ConfigError('default_hooks.finite_loss.policy has to be '
                              f"'stop' or 'skip', it is {policy!r}.")
        if max_skips < 1:
            raise ConfigError('default_hooks.finite_loss.max_skips has to be '
                              f'at least 1, it is {max_skips}.')
        self.policy = policy
        self.max_skips = max_skips
        self._in_a_row = 0
        self._skipped = False

    def before_train(self, runner: Runner) -> None:
        """Put a guard before the step of every optimiser."""
        for wrapper in _wrappers(runner):
            wrapper.update_params = functools.partial(
                self._update, wrapper, wrapper.update_params)

    def after_train(self, runner: Runner) -> None:
        """Take the guards away."""
        for wrapper in _wrappers(runner):
            del wrapper.update_params

    def before_train_iter(self, runner: Runner, batch_idx: int,
                          data_batch: dict | None = None) -> None:
        """Begin anew."""
        self._skipped = False

    def after_train_iter(self, runner: Runner, batch_idx: int,
                         data_batch: dict | None = None,
                         outputs: dict[str, Tensor] | None = None) -> None:
        """Stop or warn; before the checkpoint's hook.

        Raises:
            DivergedError: Names iteration, losses and samples.
        """
        self._in_a_row = self._in_a_row + 1 if self._skipped else 0
        if not self._skipped:
            return
        what = (f'Iteration {runner.iter + 1}: the loss is not finite, '
                f'{_place(outputs, data_batch)}.')
        if self.policy == 'stop':
            raise DivergedError(
                f'{what} Its step was not made. {_ADVICE} To leave such steps '
                "out instead: default_hooks.finite_loss.policy='skip'.")
        if self._in_a_row >= self.max_skips:
            raise DivergedError(
                f'{what} It is the last of {self._in_a_row} such iterations '
                'in a row (default_hooks.finite_loss.max_skips). '
                f'{_ADVICE}')
        runner.logger.warning(f'{what} The step is skipped.')

    def before_save_checkpoint(self, runner: Runner,
                               checkpoint: dict) -> None:
        """Refuse to save ruined weights.

        Raises:
            DivergedError: Names the first of them.
        """
        for name, value in checkpoint['state_dict'].items():
            if value.is_floating_point() and not value.isfinite().all():
                raise DivergedError(
                    f'Iteration {runner.iter + 1}: the weights {name} are not '
                    'finite, though the loss was. They are not saved. Lower '
                    'optim_wrapper.optimizer.lr or optim_wrapper.clip_grad.'
                    'max_norm, and resume from the last checkpoint.')

    def _update(self, wrapper: OptimWrapper, update: Callable,
                loss: Tensor, *args, **kwargs) -> None:
        """As ``OptimWrapper.update_params``, if the loss is finite."""
        finite = loss.detach().isfinite().all().to(torch.uint8)
        # one process that leaves a step out would leave the others waiting
        all_reduce(finite, 'min')
        if finite:
            update(loss, *args, **kwargs)
            return
        self._skipped = True
        # what backward does, where there is no gradient to add
        wrapper._inner_count += 1
        if wrapper.should_update():
            wrapper.zero_grad()


def _wrappers(runner: Runner) -> list[OptimWrapper]:
    wrappers = runner.optim_wrapper
    return list(wrappers.values()) if isinstance(
        wrappers, OptimWrapperDict) else [wrappers]


def _place(outputs: dict[str, Tensor] | None,
           data_batch: dict | None) -> str:
    """Which losses, on which samples."""
    broken = [name for name, value in (outputs or {}).items()
              if not torch.as_tensor(value).isfinite().all()]
    if not broken:
        return 'on another process'
    # the sum says nothing more
    terms = [name for name in broken if name != 'loss'] or broken
    samples = (data_batch or {}).get('data_samples') or []
    if not isinstance(samples, list | tuple):
        samples = [samples]
    names = [str(getattr(sample, 'key', '?')) for sample in samples]
    return f'{", ".join(terms)} on the samples {", ".join(names)}'
