"""Mixed precision in bfloat16."""

from contextlib import contextmanager

import torch
from mmagic.registry import OPTIM_WRAPPERS
from mmengine.optim import OptimWrapper
from torch import nn


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Trains in bfloat16 by autocast, on a CPU as on a GPU.

    bfloat16 has the exponent range of float32, so no loss scale is needed;
    weights and optimiser state stay in float32. A config with it is the same
    on both; MMEngine's ``AmpOptimWrapper`` refuses to run on a CPU.
    """

    @contextmanager
    def optim_context(self, model: nn.Module):
        """Run the forward pass of training under autocast."""
        device = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(
                device, dtype=torch.bfloat16):
            yield


@OPTIM_WRAPPERS.register_module()
class CPUAmpOptimWrapper(BFloat16OptimWrapper):
    """What ``--amp`` means on a CPU; on a GPU it is ``AmpOptimWrapper``."""
