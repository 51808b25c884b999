"""Motion compensation of EEVRSR: three stages of flow, from coarse to fine."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmderain.models.eevrsr.black_border_warp import warp_black_border

# A stage's tanh says where a pixel comes from, within this many pixels.
FLOW_RANGE = 64
_CHANNELS = 24


class Motion(NamedTuple):
    """What :class:`MotionNet` returns.

    Args:
        warped: The neighbours, moved to the centre frame, (n, 1, h, w).
        flows: After each of the three stages, (n, 2, h, w), columns and rows
            in units of 64 pixels.
    """

    warped: Tensor
    flows: tuple[Tensor, Tensor, Tensor]


class HalvingConv2d(nn.Conv2d):
    """A convolution of stride 2, padded as TensorFlow's ``SAME``.

    For even sizes that is one pixel less before than after. PyTorch's own
    padding would shift the result by one pixel.
    """

    def __init__(self, in_channels: int, out_channels: int,
                 kernel_size: int) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride=2)
        before = kernel_size // 2 - 1
        self._pads = (before, before + 1) * 2

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w), even sizes -> (n, c', h / 2, w / 2)."""
        return super().forward(F.pad(x, self._pads))


class FlowStage(nn.Sequential):
    """Five convolutions and a sub-pixel layer: a flow at full size.

    Args:
        in_channels: Of the input.
        kernels: Sizes of the five kernels.
        halvings: The first and, if 2, the third convolution have stride 2.
    """

    def __init__(self, in_channels: int, kernels: tuple[int, ...],
                 halvings: int) -> None:
        scale = 2**halvings
        layers = []
        for index, kernel in enumerate(kernels):
            last = index == len(kernels) - 1
            channels = 2 * scale**2 if last else _CHANNELS
            if index in (0, 2)[:halvings]:
                layers.append(HalvingConv2d(in_channels, channels, kernel))
            else:
                layers.append(nn.Conv2d(in_channels, channels, kernel,
                                        padding=kernel // 2))
            layers.append(nn.Tanh() if last
                          else nn.PReLU(channels, init=0))
            in_channels = channels
        super().__init__(*layers, nn.PixelShuffle(scale))

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) -> (n, 2, h, w)."""
        return super().forward(
            x.contiguous(memory_format=torch.channels_last))


class MotionNet(nn.Module):
    """Moves a neighbour to the centre frame (``MCNet``).

    Each stage adds to the flow of the one before and sees what that one
    reached; the neighbour itself is warped every time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList([
            FlowStage(2, (7, 5, 7, 5, 3), halvings=2),
            FlowStage(5, (5, 3, 5, 3, 3), halvings=2),
            FlowStage(5, (5, 3, 3, 3, 3), halvings=1),
        ])

    def forward(self, centre: Tensor, neighbour: Tensor) -> Motion:
        """Find the motion and undo it.

        Args:
            centre: Shape (n, 1, h, w), sizes that 4 divides.
            neighbour: Shape (n, 1, h, w).
        """
        pair = torch.cat([centre, neighbour], dim=1)
        coarse, *finer = self.stages
        flows = [_exact(coarse(pair))]
        for stage in finer:
            warped = warp_black_border(neighbour, FLOW_RANGE * flows[-1])
            inputs = torch.cat([pair, flows[-1], warped], dim=1)
            flows.append(flows[-1] + _exact(stage(inputs)))
        warped = warp_black_border(neighbour, FLOW_RANGE * flows[-1])
        return Motion(warped, tuple(flows))


def _exact(flow: Tensor) -> Tensor:
    """Out of half precision, which cannot tell pixels apart."""
    return flow.float() if flow.dtype.itemsize < 4 else flow
