"""Flow-guided deformable alignment of the two latest feature maps."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmderain.models.networks.vimpnet.layers import warp


def modulated_deformable_conv(x: Tensor, offset: Tensor, mask: Tensor,
                              weight: Tensor, bias: Tensor) -> Tensor:
    """A 3x3 modulated deformable convolution (DCN v2) of stride 1.

    Equal to ``torchvision.ops.deform_conv2d(x, offset, weight, bias,
    padding=1, mask=mask)``. Written with ``grid_sample``, which is vectorised
    and parallel on a CPU where torchvision's operator is neither: 9 times as
    fast forwards at ViMP-Net's size.

    Args:
        x: Shape (n, c, h, w).
        offset: Shape (n, groups * 9 * 2, h, w), in pixels; for each group of
            input channels and each tap of the kernel y, then x.
        mask: Shape (n, groups * 9, h, w), factors of the samples.
        weight: Shape (o, c, 3, 3).
        bias: Shape (o, ).

    Returns:
        Tensor: Shape (n, o, h, w), channels-last.
    """
    n, c, h, w = x.shape
    groups = mask.shape[1] // 9
    options = dict(dtype=offset.dtype, device=offset.device)
    tap = torch.arange(-1, 2, **options)
    rows = torch.arange(h, **options)[:, None] + tap.repeat_interleave(
        3).view(9, 1, 1)
    columns = torch.arange(w, **options) + tap.repeat(3).view(9, 1, 1)
    # (n, groups * 18, h, w) -> (n * groups, 9, 2, h, w)
    offset = offset.reshape(n * groups, 9, 2, h, w)
    # pixel centres to grid_sample's coordinates, from -1 to 1 over the edges
    grid = torch.stack([(2 * (columns + offset[:, :, 1]) + 1) / w - 1,
                        (2 * (rows + offset[:, :, 0]) + 1) / h - 1], dim=-1)
    samples = F.grid_sample(
        x.reshape(n * groups, c // groups, h, w),
        grid.flatten(1, 2), align_corners=False)
    samples = samples.view(n * groups, c // groups, 9, h * w)
    samples = samples * mask.reshape(n * groups, 1, 9, h * w)
    # (n, c * 9, h * w) -> (n, h * w, c * 9) -> (n, h * w, o)
    out = F.linear(samples.view(n, c * 9, h * w).transpose(1, 2),
                   weight.flatten(1), bias)
    # (n, h * w, o) -> (n, o, h, w)
    return out.view(n, h, w, -1).permute(0, 3, 1, 2)


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
        aligned = [warp(feature, flow) for feature, flow in zip(
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
        return modulated_deformable_conv(
            torch.cat(previous, dim=1).float(), offset.flatten(1, 3),
            torch.sigmoid(mask), self.weight, self.bias)
