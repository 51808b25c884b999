"""Restore a set with a config and a checkpoint; what it costs."""

import re
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from mmderain.checkpoints.safe_loading import load_checkpoint_file
from mmderain.checkpoints.strict_loading import load_strictly, weights_of
from mmderain.cli.common import read_config, require_local_checkpoint
from mmderain.cli.peak_memory import peak_memory
from mmderain.errors import ConfigError
from mmderain.evaluation.comparison import ModelRun
from mmderain.media.frame_source import FrameSource
from mmderain.media.images import write_rgb
from mmderain.processes import end_with_parent


def restore_apart(config: str, checkpoint: str,
                  sequences: Sequence[FrameSource], output: Path,
                  threads: int) -> ModelRun:
    """:func:`restore_set` in a process of its own, whose memory is its own."""
    with ProcessPoolExecutor(1, get_context('spawn'),
                             initializer=end_with_parent) as pool:
        return pool.submit(restore_set, config, checkpoint, sequences, output,
                           threads).result()


def restore_set(config: str, checkpoint: str,
                sequences: Sequence[FrameSource], output: Path,
                threads: int) -> ModelRun:
    """Restore sequences as the config's test does and write them as PNG.

    Args:
        config: Config file; its model is used, not its data.
        checkpoint: Checkpoint file.
        sequences: Rainy ones.
        output: Gets a folder for each, with the names of its frames.
        threads: Of PyTorch, on a CPU.

    Raises:
        ConfigError: The config has no model, or none that restores clips.
        CheckpointError: The checkpoint does not fit it.
        DivergedError: A restored frame is not finite.
        UserError: A frame cannot be read or written.
    """
    torch.set_num_threads(threads)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    model = _build(config, checkpoint).to(device).eval()
    seconds, count = 0.0, 0
    for index, sequence in enumerate(sequences):
        clip = torch.from_numpy(
            np.stack(list(sequence.pictures()))).permute(0, 3, 1, 2)
        if not index:
            model.restore_clip(clip[:model.window_spec.length], 'warming up')
        began = time.perf_counter()
        restored = model.restore_clip(clip, sequence.name)
        seconds += time.perf_counter() - began
        count += len(restored)
        _write(restored, sequence, output,
               model.window_spec.covered_frames(len(clip)))
    return ModelRun(
        sum(item.numel() for item in model.generator.parameters()),
        seconds / count, peak_memory(device))


def _build(config: str, checkpoint: str) -> nn.Module:
    from mmagic.registry import MODELS
    from mmengine.registry import DefaultScope

    import mmderain  # noqa: F401, registers our components
    from mmderain.engine.config_values import config_errors

    require_local_checkpoint(checkpoint)
    cfg = read_config(config, {})
    if not cfg.get('model'):
        raise ConfigError(f'{config} has no model to restore with; expected a '
                          'config such as EEVRSR/EEVRSR.py.')
    with DefaultScope.overwrite_default_scope('mmagic'), config_errors(cfg):
        model = MODELS.build(cfg.model)
    if not hasattr(model, 'restore_clip'):
        raise ConfigError(f'{config}: its model, {type(model).__name__}, is '
                          'no derainer of mmderain. Restore the frames with '
                          'its own tools and compare the folder.')
    content = load_checkpoint_file(checkpoint)
    weights = {re.sub(r'^module\.', '', name): value for name, value in
               weights_of(content, checkpoint).items()}
    load_strictly(model, weights, checkpoint)
    return model


def _write(restored: Tensor, sequence: FrameSource, output: Path,
           kept: slice) -> None:
    """Write (t, 3, h, w) uint8 under the names of the input."""
    frames = restored.permute(0, 2, 3, 1).numpy()
    if sequence.images is None:
        first = kept.start or 0
        names = [f'{first + index:08d}' for index in range(len(frames))]
    else:
        names = [path.stem for path in sequence.images][kept]
    for name, frame in zip(names, frames, strict=True):
        write_rgb(output / sequence.name / f'{name}.png', frame)
