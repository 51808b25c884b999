"""LightMedianNet: the blend with an aligned median for little computation."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from torch import Tensor, nn

from mmderain.models.aligned_median.median_blend import (
    BLEND_SLOPE,
    MedianBlend,
    SceneEstimate,
)

_RESIDUAL_GAIN = 0.05


@MODELS.register_module()
class LightMedianNet(MedianBlend):
    """Removes rain streaks from the centre of five aligned frames, fast.

    A network of our own; see :class:`MedianBlend` for what it estimates, of
    luma. Its body, residual blocks without normalisation, works at a quarter
    of the size, where features cost little; what is fine passes it by, at
    half of the size. Nothing is concatenated, so that convolutions of 8 bits
    follow each other.

    Args:
        width: Channels at half of the size.
        body: Channels at a quarter of it.
        dilations: Of the body's convolutions, two for each block.

    Raises:
        ValueError: There is an odd number of dilations.
    """

    divisor = 4

    def __init__(self, width: int = 24, body: int = 64,
                 dilations: Sequence[int] = (1, 2, 4, 1)) -> None:
        super().__init__(channels=1)
        if len(dilations) % 2:
            raise ValueError('dilations are two for each block, got '
                             f'{tuple(dilations)}')
        self.head = nn.Conv2d(4 * self.planes, width, 3, padding=1)
        self.down = nn.Conv2d(width, body, 2, stride=2)
        self.blocks = nn.ModuleList(
            ResidualBlock(body, pair) for pair in zip(
                dilations[::2], dilations[1::2], strict=True))
        self.film = SceneEstimate(body, body)
        self.up = nn.ConvTranspose2d(body, width, 2, stride=2)
        self.last = nn.Conv2d(width, 8, 3, padding=1)
        self._init_weights()
        with torch.no_grad():
            # training starts near the mean of centre and median
            self.last.weight.mul_(_RESIDUAL_GAIN)
        self.to(memory_format=torch.channels_last)

    def packed_maps(self, packed: Tensor) -> Tensor:
        """Residual and blend, as they are computed.

        Args:
            packed: Planes whose pixels of 2 x 2 stand behind each other,
                (n, 44, h, w).

        Returns:
            Tensor: The same way, (n, 8, h, w).
        """
        fine = self.head(packed).relu()
        x = self.down(fine).relu()
        for block in self.blocks:
            x = block(x)
        factor, offset = self.film(x)
        x = (factor * x + offset).relu()
        maps = self.last((fine + self.up(x)).relu()).float()
        residual, logit = maps.chunk(2, dim=1)
        return torch.cat([residual, (BLEND_SLOPE * logit).sigmoid()], dim=1)

    def _estimate(self, planes: Tensor
                  ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor] | None]:
        packed = F.pixel_unshuffle(planes, 2).contiguous(
            memory_format=torch.channels_last)
        residual, blend = F.pixel_shuffle(
            self.packed_maps(packed), 2).chunk(2, dim=1)
        return blend, residual, None


class ResidualBlock(nn.Module):
    """Two convolutions around which the features pass, too.

    Args:
        channels: Of the features.
        dilations: Of the two.
    """

    def __init__(self, channels: int, dilations: tuple[int, int]) -> None:
        super().__init__()
        self.first, self.second = (
            nn.Conv2d(channels, channels, 3, padding=dilation,
                      dilation=dilation) for dilation in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, h, w), none below 0, in and out."""
        return (x + self.second(self.first(x).relu_())).relu()
