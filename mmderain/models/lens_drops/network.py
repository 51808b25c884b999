"""LensDropNet: where on the lens there are drops, from statistics of time."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmderain.models.lens_drops.statistics import PLANES


@MODELS.register_module()
class LensDropNet(BaseModule):
    """A U-Net (Ronneberger et al. 2015) on what stood still.

    A network of our own. It does not restore anything; it finds drops. What
    the whole picture shows, above all how much of it moves, scales the
    features of the coarsest level (FiLM, Perez et al. 2018).

    Args:
        in_channels: Planes of :func:`~mmderain.models.lens_drops.statistics.
            planes`.
        widths: Channels of each level, the finest first.
        context: Look at the whole picture, too.
    """

    def __init__(self, in_channels: int = PLANES,
                 widths: Sequence[int] = (16, 32, 48, 64),
                 context: bool = True) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.divisor = 2 ** (len(widths) - 1)
        self.down = nn.ModuleList(
            _two_convolutions(before, width) for before, width in zip(
                (in_channels, *widths), widths, strict=False))
        self.up = nn.ModuleList(
            _two_convolutions(below + width, width)
            for below, width in zip(widths[:0:-1], widths[-2::-1],
                                    strict=True))
        self.last = nn.Conv2d(widths[0], 1, 1)
        self.context = nn.Linear(
            widths[-1], 2 * widths[-1]) if context else None
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity='relu')
                nn.init.zeros_(module.bias)
        if self.context is not None:  # it changes nothing at first
            nn.init.zeros_(self.context.weight)
            nn.init.zeros_(self.context.bias)
        # the layout in which processors and GPUs are fast
        self.to(memory_format=torch.channels_last)

    def forward(self, planes: Tensor) -> Tensor:
        """Find drops.

        Args:
            planes: Shape (n, p, h, w), in [0, 1].

        Returns:
            Tensor: Logits of how much of each pixel a drop covers,
            (n, 1, h, w).

        Raises:
            ValueError: There are other planes.
        """
        if planes.ndim != 4 or planes.shape[1] != self.in_channels:
            raise ValueError(f'LensDropNet takes (n, {self.in_channels}, h, '
                             f'w), got {tuple(planes.shape)}')
        height, width = planes.shape[2:]
        x = F.pad(planes, (0, -width % self.divisor,
                           0, -height % self.divisor), mode='replicate')
        x = x.contiguous(memory_format=torch.channels_last)
        levels = []
        for block in self.down:
            x = block(F.max_pool2d(x, 2) if levels else x)
            levels.append(x)
        if self.context is not None:
            scale, shift = self.context(x.mean((2, 3)))[..., None, None].chunk(
                2, 1)
            x = x + scale * x + shift
        for block, beside in zip(self.up, levels[-2::-1], strict=True):
            x = F.interpolate(x, scale_factor=2, mode='nearest')
            x = block(torch.cat([x, beside], 1))
        return self.last(x)[..., :height, :width].float()


def _two_convolutions(before: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, width, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 3, padding=1), nn.ReLU(inplace=True))
