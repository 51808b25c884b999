"""A Runner that names the setting of a part that cannot be built."""

from mmengine.optim import OptimWrapper, OptimWrapperDict, _ParamScheduler
from mmengine.runner import BaseLoop, Runner

from mmderain.engine.config_values import config_errors


class NamingRunner(Runner):
    """MMEngine's, which would end in a traceback of its own.

    Raises:
        ConfigError: A part cannot be built; says by which setting.
    """

    def build_train_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """As MMEngine's; a wrong setting is named."""
        with config_errors(self.cfg):
            return super().build_train_loop(loop)

    def build_val_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """As MMEngine's; a wrong setting is named."""
        with config_errors(self.cfg):
            return super().build_val_loop(loop)

    def build_test_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """As MMEngine's; a wrong setting is named."""
        with config_errors(self.cfg):
            return super().build_test_loop(loop)

    def build_optim_wrapper(
            self, optim_wrapper: OptimWrapper | dict
    ) -> OptimWrapper | OptimWrapperDict:
        """As MMEngine's; a wrong setting is named."""
        with config_errors(self.cfg):
            return super().build_optim_wrapper(optim_wrapper)

    def build_param_scheduler(
            self, scheduler: _ParamScheduler | dict | list) -> list | dict:
        """As MMEngine's; a wrong setting is named."""
        with config_errors(self.cfg):
            return super().build_param_scheduler(scheduler)
