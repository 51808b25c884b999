"""Checkpoints as safetensors: tensors, and the description as a text.

Such a file holds no code. Its metadata are texts; under ``mmderain`` stands as
JSON what ``meta['mmderain']`` is in a file of PyTorch.
"""

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmderain.packages import require_packages

SUFFIX = '.safetensors'
_KEY = 'mmderain'
_LENGTH = 8  # bytes of the number that the file begins with


def is_safetensors(head: bytes) -> bool:
    """Whether a file that begins so is one."""
    return head[_LENGTH:_LENGTH + 1] == b'{'


def read_safetensors(content: bytes, map_location: Any = None) -> dict:
    """What is in a file, as ``torch.load`` would give it.

    Args:
        content: The whole file.
        map_location: A device; where tensors are as ever, when it is another
            thing.

    Returns:
        dict: ``meta`` and ``state_dict``.

    Raises:
        PackagesError: The package is missing.
        ValueError: It is damaged.
    """
    require_packages(['safetensors'])
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        weights = load(content)
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    if isinstance(map_location, str | torch.device):
        weights = {name: value.to(map_location)
                   for name, value in weights.items()}
    length = int.from_bytes(content[:_LENGTH], 'little')
    header = json.loads(content[_LENGTH:_LENGTH + length])
    said = header.get('__metadata__', {}).get(_KEY)
    return dict(meta={} if said is None else {_KEY: json.loads(said)},
                state_dict=weights)


def checkpoint_content(path: Path, said: Mapping[str, Any],
                       weights: Mapping[str, Tensor]) -> bytes:
    """The bytes of a checkpoint of ours.

    Args:
        path: Its suffix says the format: safetensors, or else PyTorch's.
        said: Method and arguments of the network.
        weights: By their names.

    Raises:
        PackagesError: The package of the format is missing.
    """
    if path.suffix.lower() == SUFFIX:
        require_packages(['safetensors'])
        from safetensors.torch import save

        # which it does not take otherwise
        apart = {name: value.clone(memory_format=torch.contiguous_format)
                 for name, value in weights.items()}
        return save(apart, {'format': 'pt', _KEY: json.dumps(said)})
    buffer = BytesIO()
    torch.save(dict(meta={_KEY: dict(said)}, state_dict=dict(weights)),
               buffer)
    return buffer.getvalue()
