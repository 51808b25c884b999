"""Which precision a method is fastest in, by trying it on this machine."""

import torch

from mmderain.backends.machine import processor
from mmderain.backends.trials import LEAST_GAIN, best_seconds, remembered
from mmderain.compat import has_bfloat16
from mmderain.methods import Method
from mmderain.models.restoration import WindowRestoration

_SIZE = (128, 192)


def fastest_dtype(method: Method, derainer: WindowRestoration) -> str:
    """The precision that a method is to compute in where nobody says.

    Args:
        method: What was trained in float32 stays in it.
        derainer: On its device.

    Returns:
        str: 'float32' or 'bfloat16'.
    """
    device = next(derainer.parameters()).device
    best = best_dtype(method, device)
    if best == 'float32' or device.type != 'cpu':
        return best
    key = (f'{method.name}, {processor()}, {torch.get_num_threads()} threads,'
           f' PyTorch {torch.__version__}')
    return remembered(key, lambda: _measured(derainer),
                      ('float32', 'bfloat16'))


def best_dtype(method: Method, device: torch.device) -> str:
    """The least precision that a method and a device are both made for."""
    return ('bfloat16' if method.bfloat16 and has_bfloat16(device)
            else 'float32')


def _measured(derainer: WindowRestoration) -> str:
    """The faster one, by restoring a clip in both."""
    count = derainer.window_spec.length
    clip = torch.randint(0, 256, (count, 3, *_SIZE), dtype=torch.uint8,
                         generator=torch.Generator().manual_seed(0))
    seconds = best_seconds({
        'float32': lambda: list(derainer.stream(clip)),
        'bfloat16': lambda: list(derainer.stream(
            clip, dtype=torch.bfloat16))})
    gain = seconds['float32'] / seconds['bfloat16']
    return 'bfloat16' if gain > LEAST_GAIN else 'float32'
