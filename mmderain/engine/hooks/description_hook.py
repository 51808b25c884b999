"""Every checkpoint says what network it holds."""

from mmagic.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmderain.checkpoints.description import describe


@HOOKS.register_module()
class ModelDescriptionHook(Hook):
    """Writes ``meta['mmderain']``: the method's name and its arguments.

    With it a file can be used without its config.
    """

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the description, if the network is one of ours."""
        network = (runner.cfg.get('model') or {}).get('generator')
        description = describe(network) if network else None
        if description:
            checkpoint['meta']['mmderain'] = description
