"""Pictures of a validation: rainy, restored and clean side by side."""

from pathlib import Path

import numpy as np
from mmagic.registry import HOOKS
from mmagic.structures import DataSample
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmderain.media.images import write_rgb


@HOOKS.register_module()
class ValidationPictureHook(Hook):
    """Writes the middle frame of the first sequences of every validation.

    The pictures are ``{work_dir}/pictures/iter_{iteration}_{sequence}.png``.

    Args:
        sequences: How many.
    """

    def __init__(self, sequences: int = 3) -> None:
        self.sequences = sequences

    @master_only
    def after_val_iter(self, runner: Runner, batch_idx: int,
                       data_batch: dict | None = None,
                       outputs: list[DataSample] | None = None) -> None:
        """Write the pictures of one batch."""
        if batch_idx >= self.sequences:
            return
        for sample in outputs:
            restored = sample.output.pred_img
            middle = len(restored) // 2
            row = [clip[middle].permute(1, 2, 0).numpy()
                   for clip in (sample.input, restored, sample.gt_img)]
            name = f'iter_{runner.iter}_{sample.metainfo["key"]}.png'
            write_rgb(Path(runner.work_dir) / 'pictures' / name,
                      np.concatenate(row, axis=1))
