"""Pictures of a validation: where the network looked, step by step."""

from pathlib import Path

import numpy as np
import torch
from mmagic.registry import HOOKS
from mmagic.structures import DataSample
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from mmderain.errors import ConfigError
from mmderain.media.images import write_rgb
from mmderain.windows.tiles import pad_to_multiple


@HOOKS.register_module()
class AttentionPictureHook(Hook):
    """Writes rainy image, attention maps, restored and clean side by side.

    For networks whose output has ``attention``, (n, steps, 1, h, w). The
    pictures are ``{work_dir}/pictures/attention_{iteration}_{key}.png``, of
    the first images of every validation, and ``attention_{key}.png`` of a
    test.

    Args:
        images: How many.
    """

    def __init__(self, images: int = 3) -> None:
        self.images = images

    @master_only
    def after_val_iter(self, runner: Runner, batch_idx: int,
                       data_batch: dict | None = None,
                       outputs: list[DataSample] | None = None) -> None:
        """Write the pictures of one batch.

        Raises:
            ConfigError: The network has no attention.
        """
        if batch_idx < self.images:
            _write(runner, outputs, f'attention_{runner.iter}')

    @master_only
    def after_test_iter(self, runner: Runner, batch_idx: int,
                        data_batch: dict | None = None,
                        outputs: list[DataSample] | None = None) -> None:
        """As after a validation, named without an iteration.

        Raises:
            ConfigError: The network has no attention.
        """
        if batch_idx < self.images:
            _write(runner, outputs, 'attention')


def _write(runner: Runner, outputs: list[DataSample], prefix: str) -> None:
    for sample in outputs:
        row = [sample.input[0], *_attention(runner, sample.input[:1]),
               sample.output.pred_img[0], sample.gt_img[0]]
        write_rgb(
            Path(runner.work_dir) / 'pictures'
            / f'{prefix}_{sample.metainfo["key"]}.png',
            np.concatenate([image.permute(1, 2, 0).numpy() for image in row],
                           axis=1))


def _attention(runner: Runner, image: Tensor) -> list[Tensor]:
    """(1, 3, h, w) uint8 -> for each step (3, h, w) uint8, grey."""
    model = getattr(runner.model, 'module', runner.model)
    # not through a distributed wrapper: this process is alone here
    network = getattr(model.generator, 'module', model.generator)
    device = next(network.parameters()).device
    height, width = image.shape[2:]
    padded = pad_to_multiple(image[:, None].to(device).float() / 255,
                             model.divisor)
    with torch.no_grad():
        output = network(padded[:, 0])
    if not hasattr(output, 'attention'):
        raise ConfigError('AttentionPictureHook: the output of '
                          f'{type(network).__name__} has no attention. Take '
                          'the hook out of custom_hooks.')
    maps = output.attention[0, :, :, :height, :width]
    return list((maps.clamp(0, 1) * 255).round().byte().expand(
        -1, 3, -1, -1).cpu())
