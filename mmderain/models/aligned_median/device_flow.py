"""Moves the neighbours of a frame to it by tensors alone, on any device.

Where a GPU restores frames faster than processor cores find their flow. The
flow is found from coarse to fine by the combined local-global method (Bruhn,
Weickert and Schnoerr, IJCV 2005): structure tensors averaged around a pixel,
and a flow that is smooth. What differs: the penalty of what does not fit is
that of Charbonnier, light is taken out by a high-pass, and the finest level is
half of the size, as in DIS's preset MEDIUM.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmderain.models.aligned_median.median_blend import median_of_five
from mmderain.models.aligned_median.window import CENTRE, FRAMES
from mmderain.models.luma import full_range_luma

_SMALLEST = 24  # shorter side from which a level has a coarser one
_WARPS, _SOLVES = 4, 8  # at each level
_LIGHT = 4.0  # pixels; what is coarser is light, not things
_NOISE = 0.6  # pixels; what is finer is noise
_AROUND = 3.5  # pixels over which structure is averaged
_SMOOTHNESS = 30.0  # squared levels a pixel
_MISFIT = 6.0  # levels from which a misfit counts less
_FARTHEST = 2.0  # pixels by which a warp may change the flow


def align_on_device(window: Tensor, sees_guide: bool = False) -> Tensor:
    """Align a window; see ``alignment.prepare_window``.

    Args:
        window: Shape (n, 5, 3, h, w), RGB in [0, 1]; or (n, 10, 3, h, w),
            and flow is found in the last five.
        sees_guide: Show these to the network, too.

    Returns:
        Tensor: Frames and moved neighbours, (n, 9, 3, h, w), RGB in [0, 1];
        behind them, for a guided network, what the guide shows.
    """
    count, _, *shape = window.shape
    neighbours = [index for index in range(FRAMES) if index != CENTRE]
    # half precision would lose parts of a pixel
    with torch.autocast(window.device.type, enabled=False):
        window = window.float()
        window, guide = window[:, :FRAMES], window[:, -FRAMES:]
        seen = full_range_luma(guide)
        luma = _streakless(255 * seen[:, :, 0])
        flow = find_flow(
            luma[:, CENTRE:CENTRE + 1].expand(-1, len(neighbours), -1, -1)
            .flatten(0, 1), luma[:, neighbours].flatten(0, 1))
        moved = pull(window[:, neighbours].flatten(0, 1), flow)
        parts = [window, moved.view(count, -1, *shape)]
        if sees_guide:
            others = pull(seen[:, neighbours].flatten(0, 1), flow)
            own = seen[:, CENTRE]
            median = median_of_five(own, *others.view(
                count, -1, *own.shape[1:]).unbind(1))
            parts.append(torch.cat(
                [own, median, torch.zeros_like(own)], 1)[:, None])
        return torch.cat(parts, 1)


def find_flow(centre: Tensor, neighbour: Tensor) -> Tensor:
    """Where each pixel of one picture is in another.

    Args:
        centre: Luma, shape (n, h, w), in [0, 255].
        neighbour: The same of the others.

    Returns:
        Tensor: Columns and rows, (n, 2, h, w), in pixels.
    """
    levels = [torch.stack([centre, neighbour], 1)]
    while min(levels[-1].shape[-2:]) >= _SMALLEST:
        levels.append(F.avg_pool2d(levels[-1], 2, ceil_mode=True,
                                   count_include_pad=False))
    flow = centre.new_zeros(len(centre), 2, 1, 1)
    for level in reversed(levels[1:] or levels):
        flow = _refined(_enlarged(flow, level.shape[-2:]), level)
    return _enlarged(flow, centre.shape[-2:])


def pull(frames: Tensor, flow: Tensor) -> Tensor:
    """Frames (n, c, h, w) moved by where each pixel of others is in them."""
    height, width = frames.shape[-2:]
    rows, columns = (torch.arange(size, device=flow.device)
                     for size in (height, width))
    x = (flow[:, 0] + columns) * (2 / max(width - 1, 1)) - 1
    y = (flow[:, 1] + rows[:, None]) * (2 / max(height - 1, 1)) - 1
    return F.grid_sample(frames, torch.stack([x, y], -1),
                         padding_mode='border', align_corners=True)


def _streakless(luma: Tensor) -> Tensor:
    """Medians of five, along rows and then columns, (n, t, h, w)."""
    for pad, axis in (((2, 2, 0, 0), -1), ((0, 0, 2, 2), -2)):
        padded = F.pad(luma, pad, mode='replicate')
        luma = padded.unfold(axis, 5, 1).median(-1).values
    return luma


def _enlarged(flow: Tensor, size: torch.Size) -> Tensor:
    """Flow of a coarser level, of one twice the size."""
    if flow.shape[-2:] == size:
        return flow
    return 2 * F.interpolate(flow, size=size, mode='bilinear')


def _refined(flow: Tensor, pair: Tensor) -> Tensor:
    """Better flow.

    Args:
        flow: Shape (n, 2, h, w).
        pair: Both pictures, (n, 2, h, w).
    """
    pair = _blurred(pair - _blurred(pair, _LIGHT), _NOISE)
    one, other = pair[:, :1], pair[:, 1:]
    slopes = _slopes(one)
    others = torch.cat([other, _slopes(other)], 1)
    for _ in range(_WARPS):
        moved = pull(others, flow)
        misfit = moved[:, :1] - one
        # the mean of both is nearer to that in between
        x, y = ((moved[:, 1:] + slopes) / 2).split(1, 1)
        tensor = torch.cat([x * x, x * y, y * y, x * misfit, y * misfit], 1)
        tensor = _blurred(
            tensor * (1 + (misfit / _MISFIT) ** 2).rsqrt(), _AROUND)
        flow = flow + _solved(flow, tensor).clamp(-_FARTHEST, _FARTHEST)
    return flow


def _solved(flow: Tensor, tensor: Tensor) -> Tensor:
    """By how much to change a flow, by Jacobi's method.

    Args:
        flow: Shape (n, 2, h, w).
        tensor: Structure, and its products with the misfit, (n, 5, h, w).
    """
    xx, xy, yy, x, y = tensor.split(1, 1)
    xx, yy = xx + _SMOOTHNESS, yy + _SMOOTHNESS
    determinant = xx * yy - xy * xy
    change = torch.zeros_like(flow)
    for _ in range(_SOLVES):
        wanted = _SMOOTHNESS * (_mean_of_four(flow + change) - flow)
        right, down = wanted[:, :1] - x, wanted[:, 1:] - y
        change = torch.cat([yy * right - xy * down,
                            xx * down - xy * right], 1) / determinant
    return change


def _mean_of_four(planes: Tensor) -> Tensor:
    """Of the neighbours above, below and beside."""
    padded = F.pad(planes, (1, 1, 1, 1), mode='replicate')
    middle = slice(1, -1)
    return (padded[..., middle, :-2] + padded[..., middle, 2:]
            + padded[..., :-2, middle] + padded[..., 2:, middle]) / 4


def _slopes(plane: Tensor) -> Tensor:
    """Along columns and rows, to the fourth order, (n, 2, h, w)."""
    kernel = plane.new_tensor([1, -8, 0, 8, -1]) / 12
    return torch.cat([_filtered(plane, kernel, -1),
                      _filtered(plane, kernel, -2)], 1)


def _blurred(planes: Tensor, sigma: float) -> Tensor:
    """By a Gaussian."""
    reach = round(2.5 * sigma)
    places = torch.arange(-reach, reach + 1, device=planes.device)
    kernel = torch.exp(-places ** 2 / (2 * sigma ** 2))
    kernel = kernel / kernel.sum()
    return _filtered(_filtered(planes, kernel, -1), kernel, -2)


def _filtered(planes: Tensor, kernel: Tensor, axis: int) -> Tensor:
    """Each plane by itself, along an axis, continued at its ends."""
    reach = len(kernel) // 2
    pad = (reach, reach, 0, 0) if axis == -1 else (0, 0, reach, reach)
    count = planes.shape[1]
    shape = (1, -1) if axis == -1 else (-1, 1)
    return F.conv2d(F.pad(planes, pad, mode='replicate'),
                    kernel.view(1, 1, *shape).expand(count, 1, -1, -1),
                    groups=count)
