"""A few residual blocks that see a clip in space and time."""

from typing import NamedTuple

from mmagic.registry import MODELS
from torch import Tensor, nn


class ResidualCNNOutput(NamedTuple):
    """What :class:`ResidualCNN` returns."""

    restored: Tensor  # (n, t, 3, h, w), not clipped


@MODELS.register_module()
class ResidualCNN(nn.Module):
    """Adds to a rainy clip what it finds missing.

    Args:
        channels: Of all features.
        blocks: Residual blocks, of two convolutions each.
    """

    def __init__(self, channels: int = 16, blocks: int = 2) -> None:
        super().__init__()
        self.first = nn.Conv3d(3, channels, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv3d(channels, channels, 3, padding=1),
                          nn.ReLU(inplace=True),
                          nn.Conv3d(channels, channels, 3, padding=1))
            for _ in range(blocks))
        self.last = nn.Conv3d(channels, 3, 3, padding=1)

    def forward(self, clip: Tensor) -> ResidualCNNOutput:
        """Restore every frame of a clip (n, t, 3, h, w), RGB in [0, 1]."""
        # convolutions want the channels before time
        features = self.first(clip.transpose(1, 2)).relu()
        for block in self.blocks:
            features = features + block(features)
        return ResidualCNNOutput(clip + self.last(features).transpose(1, 2))
