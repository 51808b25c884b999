"""Small layers that several parts of ViMP-Net are made of.

Inside the network a clip is a batch of frames, (t * n, c, h, w) with time as
the slow index: a time step is a dense slice, and 2-D convolutions take all
frames at once in the channels-last layout, which is the fast one.
"""

import torch.nn.functional as F
from mmagic.models.utils import flow_warp
from torch import Tensor, nn


class SpatioTemporalConv(nn.Conv3d):
    """A 3x3x3 convolution, computed as one 2-D convolution over frames.

    The three temporal taps are computed as output channels of a single 2-D
    convolution and added up with a shift of a frame. For unstrided 3x3x3
    convolutions of one float32 clip PyTorch takes a slow path on a CPU; this
    form is 5 to 30 times as fast. Parameters are those of ``nn.Conv3d``.

    Args:
        in_channels: Channels in.
        out_channels: Channels out.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, 3, padding=1)

    def forward(self, frames: Tensor, length: int) -> Tensor:
        """Convolve.

        Args:
            frames: Shape (t * n, c, h, w), time first.
            length: The number t of frames of a clip.

        Returns:
            Tensor: Shape (t * n, out_channels, h, w).
        """
        # (o, c, 3, 3, 3) -> (3, o, c, 3, 3) -> (3 * o, c, 3, 3)
        weight = self.weight.permute(2, 0, 1, 3, 4).flatten(0, 1)
        taps = F.conv2d(frames, weight, padding=1)
        # (t * n, 3 * o, h, w) -> 3 times (t, n, o, h, w)
        from_past, from_now, from_future = taps.unflatten(
            0, (length, -1)).chunk(3, dim=2)
        out = from_now + self.bias.to(taps.dtype).view(-1, 1, 1)
        out[1:] += from_past[:-1]
        out[:-1] += from_future[1:]
        return out.flatten(0, 1)


class MapHead(nn.Module):
    """Turns features into a map of one channel, with context in time.

    Args:
        in_channels: Channels of the features.
        mid_channels: Channels of the two layers between.
    """

    def __init__(self, in_channels: int, mid_channels: int) -> None:
        super().__init__()
        self.conv_in = SpatioTemporalConv(in_channels, mid_channels)
        self.conv_mid = nn.Conv2d(mid_channels, mid_channels, 1)
        self.conv_out = SpatioTemporalConv(mid_channels, 1)
        self.activation = nn.LeakyReLU(0.2, inplace=True)

    def forward(self, frames: Tensor, length: int) -> Tensor:
        """(t * n, c, h, w) -> (t * n, 1, h, w), without final activation."""
        out = self.activation(self.conv_in(frames, length))
        out = self.activation(self.conv_mid(out))
        return self.conv_out(out, length)


class Upsampler(nn.Module):
    """Two steps of convolution and pixel shuffle: four times the size.

    Args:
        in_channels: Channels in.
        mid_channels: Channels at twice the size.
        out_channels: Channels out.
    """

    def __init__(self, in_channels: int, mid_channels: int,
                 out_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 4 * mid_channels, 3, padding=1)
        self.conv2 = nn.Conv2d(mid_channels, 4 * out_channels, 3, padding=1)

    def forward(self, frames: Tensor) -> Tensor:
        """(b, in_channels, h, w) -> (b, out_channels, 4 * h, 4 * w)."""
        half = F.pixel_shuffle(self.conv1(frames), 2)
        return F.pixel_shuffle(self.conv2(half), 2)


def warp_in_float32(image: Tensor, flow: Tensor) -> Tensor:
    """Sample an image where the flow points; zeros outside.

    In float32 also under autocast: half precision cannot tell the pixels of a
    large frame apart.

    Args:
        image: Shape (n, c, h, w).
        flow: Shape (n, 2, h, w), in pixels, x before y.

    Returns:
        Tensor: Shape (n, c, h, w), float32.
    """
    # (n, 2, h, w) -> (n, h, w, 2)
    return flow_warp(image.float(), flow.float().permute(0, 2, 3, 1))
