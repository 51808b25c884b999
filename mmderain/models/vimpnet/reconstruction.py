"""From propagated features to features of full size."""

import torch.nn.functional as F
from torch import Tensor, nn

from mmderain.models.vimpnet.layers import (
    SpatioTemporalConv,
    Upsampler,
)


class ResidualBlock(nn.Module):
    """``x + conv(relu(conv(x)))`` with convolutions in space and time.

    Args:
        channels: Channels in and out.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = SpatioTemporalConv(channels, channels)
        self.conv2 = SpatioTemporalConv(channels, channels)

    def forward(self, frames: Tensor, length: int) -> Tensor:
        """(t * n, c, h, w) -> the same shape."""
        out = F.relu(self.conv1(frames, length), inplace=True)
        return frames + self.conv2(out, length)


class Reconstruction(nn.Module):
    """From the maps of both directions to features of full size.

    Args:
        channels: Channels of a feature map.
        num_blocks: Residual blocks.
    """

    def __init__(self, channels: int, num_blocks: int) -> None:
        super().__init__()
        self.fusion = nn.Conv2d(3 * channels, channels, 1)
        self.blocks = nn.ModuleList(
            ResidualBlock(channels) for _ in range(num_blocks))
        self.upsampler = Upsampler(channels, channels // 2, channels // 4)

    def forward(self, maps: Tensor, length: int) -> Tensor:
        """(t * n, 3 * c, h, w) -> (t * n, c / 4, 4 * h, 4 * w)."""
        out = self.fusion(maps)
        for block in self.blocks:
            out = block(out, length)
        return self.upsampler(out)
