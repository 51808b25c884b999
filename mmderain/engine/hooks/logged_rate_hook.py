"""The learning rate that the log calls ``lr`` is the network's."""

from mmagic.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner


@HOOKS.register_module()
class LoggedRateHook(Hook):
    """Logs the optimiser's own rate as ``lr``.

    MMEngine's RuntimeInfoHook logs that of the first parameter, which a
    config may have slowed down: with ViMP-Net, that of SPyNet, a quarter.
    """

    def before_train_iter(self, runner: Runner, batch_idx: int,
                          data_batch: dict | None = None) -> None:
        """Replace what RuntimeInfoHook, of a higher priority, has logged."""
        for name, rates in runner.optim_wrapper.get_lr().items():
            if name.endswith('base_lr'):
                runner.message_hub.update_scalar(
                    f'train/{name.removesuffix("base_lr")}lr', rates[0])
