"""Losses between frames that MMagic lacks."""

import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class HighPassMSELoss(nn.Module):
    """Mean squared error between high frequencies.

    The high frequencies of a plane are the plane minus its Gaussian blur,
    with the border replicated.

    Args:
        loss_weight: Factor of the mean.
        kernel_size: Side of the Gaussian window in pixels, odd.
        sigma: Deviation of the Gaussian in pixels.

    Raises:
        ValueError: The kernel size is even.
    """

    def __init__(self, loss_weight: float = 1.0, kernel_size: int = 7,
                 sigma: float = 1.5) -> None:
        super().__init__()
        if kernel_size < 3 or kernel_size % 2 == 0:
            raise ValueError('kernel_size has to be odd and 3 or more, but '
                             f'is {kernel_size}')
        self.loss_weight = loss_weight
        offsets = torch.arange(kernel_size) - kernel_size // 2
        line = torch.exp(-offsets**2 / (2 * sigma**2))
        kernel = torch.outer(line, line)
        self.register_buffer('kernel', (kernel / kernel.sum())[None, None],
                             persistent=False)

    def high_pass(self, planes: Tensor) -> Tensor:
        """(n, t, 1, h, w) -> the same shape, without low frequencies."""
        frames = planes.flatten(0, 1)
        reach = self.kernel.shape[-1] // 2
        blurred = F.conv2d(
            F.pad(frames, (reach, ) * 4, mode='replicate'), self.kernel)
        return (frames - blurred).unflatten(0, planes.shape[:2])

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Both (n, t, 1, h, w)."""
        # in float32 also under autocast: the frequencies are differences
        with torch.autocast(pred.device.type, enabled=False):
            difference = self.high_pass(pred.float() - target.float())
        return self.loss_weight * difference.square().mean()


@MODELS.register_module()
class LogMSELoss(nn.Module):
    """The mean over samples of ``log10(mse + eps)``.

    Decibels but for a factor, so that a clip with light rain counts as much
    as one with heavy rain.

    Args:
        loss_weight: Factor of the result.
        eps: Keeps an exact sample finite; errors far below it (3e-5 is 45 dB)
            stop counting.
    """

    def __init__(self, loss_weight: float = 1.0, eps: float = 3e-5) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.eps = eps

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Both (n, ...), in [0, 1]."""
        errors = (pred.float() - target.float()).square().flatten(1).mean(1)
        return self.loss_weight * (errors + self.eps).log10().mean()
