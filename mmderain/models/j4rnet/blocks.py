"""Parts that the networks of J4R-Net share.

Inside them a clip is a batch of frames, (n * t, c, h, w) with time as the
fast index; what looks at other frames is told how many a clip has, so that
nothing leaks from one clip of a batch into the next.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv3x3(in_channels: int, out_channels: int,
            bias: bool = True) -> nn.Conv2d:
    """A convolution as all of J4R-Net's: 3x3, with zeros around the frame."""
    return nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=bias)


class HalvedResidualBlock(nn.Module):
    """``relu(skip / 2 + conv2(relu(conv1(x))) / 2)``.

    Args:
        channels: Channels in and out.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = conv3x3(channels, channels)
        self.conv2 = conv3x3(channels, channels)

    def forward(self, frames: Tensor, skip: Tensor | None = None) -> Tensor:
        """Compute the block.

        Args:
            frames: Shape (b, c, h, w).
            skip: Of the same shape; ``frames`` themselves when None.

        Returns:
            Tensor: Of the same shape.
        """
        out = self.conv2(F.relu(self.conv1(frames)))
        return F.relu(halve(frames if skip is None else skip, out))


def halve(first: Tensor, second: Tensor) -> Tensor:
    """The released definitions' sum with 0.5 before both terms."""
    return 0.5 * first + 0.5 * second


class Features(NamedTuple):
    """What is known of each frame by itself.

    Args:
        shallow: After the first layer, (b, c, h, w).
        deep: After all residual blocks, (b, c, h, w).
    """

    shallow: Tensor
    deep: Tensor


class FeatureExtractor(nn.Module):
    """First layer and residual blocks: a frame's own features.

    Args:
        channels: Channels of the features.
        num_blocks: Residual blocks, of two convolutions each.
    """

    def __init__(self, channels: int, num_blocks: int) -> None:
        super().__init__()
        self.first = conv3x3(1, channels)
        self.blocks = nn.Sequential(
            *(HalvedResidualBlock(channels) for _ in range(num_blocks)))

    def forward(self, frames: Tensor) -> Features:
        """(b, 1, h, w) -> features of each frame."""
        shallow = F.relu(self.first(frames))
        return Features(shallow, self.blocks(shallow))


def frames_before(frames: Tensor, length: int) -> Tensor:
    """At each place the frame before it; the first is its own.

    Args:
        frames: Shape (n * t, c, h, w).
        length: The number t of frames of a clip.

    Returns:
        Tensor: Of the same shape.
    """
    clip = frames.unflatten(0, (-1, length))
    return torch.cat([clip[:, :1], clip[:, :-1]], dim=1).flatten(0, 1)


def frames_after(frames: Tensor, length: int) -> Tensor:
    """At each place the frame after it; the last is its own."""
    clip = frames.unflatten(0, (-1, length))
    return torch.cat([clip[:, 1:], clip[:, -1:]], dim=1).flatten(0, 1)


def check_clip(clip: Tensor, network: nn.Module) -> None:
    """Raise a ValueError unless the clip is (n, t, 1, h, w), not empty."""
    if clip.ndim != 5 or clip.shape[2] != 1 or 0 in clip.shape:
        raise ValueError(
            f'{type(network).__name__} takes luma planes of shape '
            f'(n, t, 1, h, w), but got {tuple(clip.shape)}')
