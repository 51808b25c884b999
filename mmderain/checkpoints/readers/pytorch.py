"""PyTorch's checkpoint files, read without running their code."""

import os
from collections.abc import Mapping

from torch import Tensor

from mmderain.checkpoints.rules import ConversionError
from mmderain.checkpoints.safe_loading import load_checkpoint_file
from mmderain.checkpoints.strict_loading import (
    MismatchedCheckpointError,
    weights_of,
)


def read_pytorch(path: str | os.PathLike) -> Mapping[str, Tensor]:
    """Read the weights of a PyTorch checkpoint.

    Args:
        path: A state dict, or a checkpoint with one under ``state_dict``.

    Raises:
        ConversionError: There is neither in it.
        CheckpointError: The file cannot be read, or asks to run code.
    """
    checkpoint = load_checkpoint_file(path, map_location='cpu')
    try:
        return weights_of(checkpoint, str(path))
    except MismatchedCheckpointError as error:
        raise ConversionError(str(error)) from error
