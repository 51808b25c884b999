"""Which precision a method is fastest in, by trying it on this machine.

Processors with instructions for bfloat16 may be slower with it all the same:
some gain in matrix products and lose in convolutions.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import torch

from mmderain.backends.machine import processor
from mmderain.compat import has_bfloat16
from mmderain.errors import UserError
from mmderain.files import write_json
from mmderain.methods import Method
from mmderain.models.restoration import WindowRestoration

# bfloat16 costs accuracy, so it has to gain something
_LEAST_GAIN = 1.1
_SIZE = (128, 192)
_TRIES = 3


def fastest_dtype(method: Method, derainer: WindowRestoration) -> str:
    """The precision that a method is to compute in where nobody says.

    Args:
        method: What was trained in float32 stays in it.
        derainer: On its device.

    Returns:
        str: 'float32' or 'bfloat16'.
    """
    device = next(derainer.parameters()).device
    if not (method.bfloat16 and has_bfloat16(device)):
        return 'float32'
    if device.type != 'cpu':
        return 'bfloat16'
    key = (f'{method.name}, {processor()}, {torch.get_num_threads()} threads,'
           f' PyTorch {torch.__version__}')
    known = _known()
    if known.get(key) not in ('float32', 'bfloat16'):
        # others may be measuring, too
        known = {**_known(), key: _measured(derainer)}
        with suppress(UserError):  # nothing is lost but the second it took
            write_json(_file(), known, parents=True)
    return known[key]


def _measured(derainer: WindowRestoration) -> str:
    """The faster one, by restoring a clip in both."""
    count = derainer.window_spec.length
    clip = torch.randint(0, 256, (count, 3, *_SIZE), dtype=torch.uint8,
                         generator=torch.Generator().manual_seed(0))
    seconds: dict[str, list[float]] = {'float32': [], 'bfloat16': []}
    for _ in range(_TRIES):
        for name, taken in seconds.items():
            half = torch.bfloat16 if name == 'bfloat16' else None
            began = time.perf_counter()
            for _ in derainer.stream(clip, dtype=half):
                pass
            taken.append(time.perf_counter() - began)
    gain = min(seconds['float32']) / min(seconds['bfloat16'])
    return 'bfloat16' if gain > _LEAST_GAIN else 'float32'


def _file() -> Path:
    folder = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(folder) / 'mmderain' / 'precision.json'


def _known() -> Mapping[str, str]:
    """What was measured before."""
    try:
        known = json.loads(_file().read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
