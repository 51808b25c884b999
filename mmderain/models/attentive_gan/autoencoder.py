"""The contextual autoencoder: what is behind the raindrops."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Each layer of the middle sees twice as far as the one before.
_DILATIONS = (2, 4, 8, 16)


def _conv_relu(in_channels: int, out_channels: int, kernel: int = 3,
               stride: int = 1, dilation: int = 1) -> list[nn.Module]:
    """A convolution that keeps the size, or halves it, and a ReLU."""
    return [
        nn.Conv2d(in_channels, out_channels, kernel, stride,
                  padding=dilation * (kernel // 2), dilation=dilation),
        nn.ReLU(inplace=True)]


class Upsampling(nn.Module):
    """Twice the size by a transposed convolution, a blur and a ReLU.

    The blur takes the mean of each pixel with those above and left of it,
    which hides the checkerboard of the transposed convolution and moves the
    image by half a pixel, as officially.

    Args:
        in_channels: Channels that come in.
        out_channels: Channels that go out.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(
            in_channels, out_channels, 4, stride=2, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """(n, c, h, w) -> (n, c', 2 * h, 2 * w)."""
        padded = F.pad(self.conv(features), (1, 0, 1, 0), mode='reflect')
        return F.relu(F.avg_pool2d(padded, 2, stride=1), inplace=True)


class ContextualAutoencoder(nn.Module):
    """Restores the image, told where the drops are (paper, section 4.1).

    Args:
        channels: Channels at full size; a multiple of 2. There are twice as
            many at half and four times as many at a quarter of the size.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        full, half, quarter = channels, 2 * channels, 4 * channels
        self.encode_full = nn.Sequential(*_conv_relu(4, full, 5))
        self.encode_half = nn.Sequential(
            *_conv_relu(full, half, stride=2), *_conv_relu(half, half))
        self.encode_quarter = nn.Sequential(
            *_conv_relu(half, quarter, stride=2),
            *_conv_relu(quarter, quarter), *_conv_relu(quarter, quarter))
        self.context = nn.Sequential(*(
            layer for dilation in _DILATIONS
            for layer in _conv_relu(quarter, quarter, dilation=dilation)))
        self.decode_quarter = nn.Sequential(
            *_conv_relu(quarter, quarter), *_conv_relu(quarter, quarter))
        self.quarter_head = nn.Sequential(*_conv_relu(quarter, 3))
        self.upsample_half = Upsampling(quarter, half)
        self.decode_half = nn.Sequential(*_conv_relu(half, half))
        self.half_head = nn.Sequential(*_conv_relu(half, 3))
        self.upsample_full = Upsampling(half, full)
        self.decode_full = nn.Sequential(*_conv_relu(full, full // 2))
        self.full_head = nn.Conv2d(full // 2, 3, 3, padding=1)

    def forward(self, image: Tensor,
                attention: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Restore an image.

        Args:
            image: Shape (n, 3, h, w), RGB in [0, 1]; 4 divides h and w.
            attention: Where the drops are, shape (n, 1, h, w).

        Returns:
            tuple[Tensor, Tensor, Tensor]: RGB images (n, 3, h, w),
            (n, 3, h/2, w/2) and (n, 3, h/4, w/4).
        """
        at_full = self.encode_full(torch.cat([image, attention], dim=1))
        at_half = self.encode_half(at_full)
        features = self.context(self.encode_quarter(at_half))
        features = self.decode_quarter(features)
        quarter = self.quarter_head(features)
        # the skipped features are added behind the ReLU
        features = self.decode_half(self.upsample_half(features) + at_half)
        half = self.half_head(features)
        features = self.decode_full(self.upsample_full(features) + at_full)
        return self.full_head(features), half, quarter
