"""Keep a part of the model fixed at first, or all the time."""

from mmagic.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmderain.errors import ConfigError


@HOOKS.register_module()
class FreezeHook(Hook):
    """Freezes a submodule for the first optimiser steps of a run.

    MMagic's BasicVSR counts forward passes in a buffer, which gradient
    accumulation falsifies. Here the count follows from the iteration, so
    there is no state to save. The parameters are frozen before the first
    step, not at construction: DistributedDataParallel would never synchronise
    them after the thaw. It needs ``find_unused_parameters=True``.

    Args:
        module: Path of the submodule, for instance ``generator.spynet``.
        steps: Optimiser steps to keep it fixed for; all when None.
    """

    def __init__(self, module: str, steps: int | None) -> None:
        self.module = module
        self.steps = steps
        self._frozen: bool | None = None

    def before_train(self, runner: Runner) -> None:
        """Check that the submodule exists before time is spent.

        Raises:
            ConfigError: The model has no such submodule.
        """
        model = getattr(runner.model, 'module', runner.model)
        try:
            self._parameters = list(
                model.get_submodule(self.module).parameters())
        except AttributeError as error:
            raise ConfigError(f'FreezeHook: the model has no submodule '
                              f'{self.module!r}.') from error
        wrapper = runner.cfg.get('model_wrapper_cfg') or runner.cfg
        if runner.distributed and not wrapper.get(
                'find_unused_parameters', False):
            raise ConfigError(
                'FreezeHook needs find_unused_parameters=True in the config '
                'for distributed training.')

    def before_train_iter(self, runner: Runner, batch_idx: int,
                          data_batch: dict | None = None) -> None:
        """Freeze or thaw."""
        counts = getattr(runner.optim_wrapper, '_accumulative_counts', 1)
        frozen = self.steps is None or runner.iter // counts < self.steps
        if frozen == self._frozen:
            return
        self._frozen = frozen
        for parameter in self._parameters:
            parameter.requires_grad_(not frozen)
        runner.logger.info(f'{self.module} is '
                           f'{"frozen" if frozen else "trained from now on"}')
