"""Mixed precision on the processor."""

from contextlib import contextmanager

import torch
from mmagic.registry import OPTIM_WRAPPERS
from mmengine.optim import OptimWrapper
from torch import nn


@OPTIM_WRAPPERS.register_module()
class CPUAmpOptimWrapper(OptimWrapper):
    """Trains in bfloat16 on the CPU, where MMEngine's wrapper refuses to.

    bfloat16 has the exponent range of float32, so no loss scale is needed;
    weights and optimiser state stay in float32. On a GPU use MMEngine's
    ``AmpOptimWrapper``.
    """

    @contextmanager
    def optim_context(self, model: nn.Module):
        """Run the forward pass of training under autocast."""
        with super().optim_context(model), torch.autocast(
                'cpu', dtype=torch.bfloat16):
            yield
