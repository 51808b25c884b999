"""Flow-guided deformable alignment of the two latest feature maps."""

import math

import torch
from torch import Tensor, nn
from torchvision.ops import deform_conv2d

from mmderain.models.vimpnet.layers import warp_in_float32


class FlowGuidedAlignment(nn.Module):
    """Aligns the features of the last two steps with the current frame.

    A deformable convolution whose offsets are the optical flow plus a learned
    residue. BasicVSR++'s second-order alignment, which sees the streak map
    besides.

    Args:
        channels: Channels of a feature map.
        deform_groups: Groups of channels with offsets of their own; the first
            half follows the flow of one step, the second that of two.
        max_residue_magnitude: Largest learned offset, in pixels.
    """

    def __init__(self, channels: int, deform_groups: int,
                 max_residue_magnitude: float) -> None:
        super().__init__()
        self.max_residue_magnitude = max_residue_magnitude
        self.weight = nn.Parameter(torch.empty(channels, 2 * channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(channels))
        # two aligned maps, the current one, two flows, the streak map
        widths = [3 * channels + 5, channels, channels, channels]
        layers: list[nn.Module] = []
        for width in widths[:-1]:
            layers += [nn.Conv2d(width, channels, 3, padding=1),
                       nn.LeakyReLU(0.1, inplace=True)]
        layers.append(
            nn.Conv2d(channels, 27 * deform_groups, 3, padding=1))
        self.offset_head = nn.Sequential(*layers)

        bound = 1 / math.sqrt(2 * channels * 9)
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.zeros_(self.offset_head[-1].weight)
        nn.init.zeros_(self.offset_head[-1].bias)

    def forward(self, previous: list[Tensor], current: Tensor,
                flows: list[Tensor], streak_map: Tensor) -> Tensor:
        """Align.

        Args:
            previous: One or two feature maps (n, c, h, w), the latest first.
            current: Features of the current frame (n, c, h, w).
            flows: For each of ``previous`` the flow from the current frame to
                it, (n, 2, h, w), in pixels, x before y.
            streak_map: Shape (n, 1, h, w).

        Returns:
            Tensor: Shape (n, c, h, w).
        """
        aligned = [warp_in_float32(feature, flow) for feature, flow in zip(
            previous, flows, strict=True)]
        if len(previous) == 1:
            previous = [*previous, torch.zeros_like(previous[0])]
            aligned.append(torch.zeros_like(aligned[0]))
            flows = [*flows, torch.zeros_like(flows[0])]
        condition = torch.cat(
            [aligned[0], current, aligned[1], *flows, streak_map], dim=1)
        first, second, mask = self.offset_head(condition).float().chunk(
            3, dim=1)
        residue = self.max_residue_magnitude * torch.tanh(
            torch.cat([first, second], dim=1))
        # x before y in a flow, y before x in an offset
        flow = torch.stack(flows, dim=1).flip(2)
        # (n, groups * 18, h, w) -> (n, 2, groups / 2 * 9, 2, h, w)
        offset = residue.unflatten(1, (2, -1, 2)) + flow.unsqueeze(2)
        # in float32 also under autocast: offsets need the digits
        with torch.autocast(condition.device.type, enabled=False):
            return deform_conv2d(
                torch.cat(previous, dim=1).float(), offset.flatten(1, 3),
                self.weight, self.bias, padding=1, mask=torch.sigmoid(mask))
