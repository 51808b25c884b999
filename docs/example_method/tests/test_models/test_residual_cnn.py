"""ResidualCNN: what it says it does."""

import torch

from mmderain.models import ResidualCNN


def test_without_a_residual_the_clip_comes_back():
    network = ResidualCNN(channels=4, blocks=1)
    torch.nn.init.zeros_(network.last.weight)
    torch.nn.init.zeros_(network.last.bias)
    clip = torch.rand(2, 5, 3, 8, 12)
    assert torch.equal(network(clip).restored, clip)
