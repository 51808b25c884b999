"""One process's batch statistics for all."""

from mmagic.registry import HOOKS
from mmengine.dist import broadcast
from mmengine.hooks import Hook
from mmengine.runner import Runner


@HOOKS.register_module()
class BroadcastBuffersHook(Hook):
    """Every process validates with the buffers of the first one.

    Each process keeps moving statistics of its own batches, and checkpoints
    hold those of the first. So validation scores what a checkpoint holds, and
    a resumed run equals one that was not interrupted; averages over the
    processes (MMEngine's ``SyncBuffersHook``) would do neither.
    """

    def before_val_epoch(self, runner: Runner) -> None:
        """Copy the first process's buffers to the others."""
        for buffer in runner.model.buffers():
            broadcast(buffer, src=0)
