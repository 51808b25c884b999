"""bfloat16 on the CPU: used, and as good as the names say."""

import pytest
import torch

from .helpers import train, weights


@pytest.mark.parametrize('wrapper', ['CPUAmpOptimWrapper',
                                     'BFloat16OptimWrapper'])
def test_training_in_bfloat16_keeps_float32_weights(tiny_config, wrapper):
    tiny_config.optim_wrapper.type = wrapper
    seen = []
    forward = torch.nn.Conv2d.forward

    def spy(self, x):
        out = forward(self, x)
        seen.append(out.dtype)
        return out

    torch.nn.Conv2d.forward = spy
    try:
        train(tiny_config)
    finally:
        torch.nn.Conv2d.forward = forward
    assert torch.bfloat16 in seen
    assert {value.dtype for value in weights(tiny_config, 6).values()} == {
        torch.float32}
