"""EEVRSR, the whole network."""

from typing import NamedTuple

import torch
from mmagic.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmderain.models.eevrsr.bands import in_bands
from mmderain.models.eevrsr.batch_norm import (
    DebiasedBatchNorm2d,
    normalised_conv,
)
from mmderain.models.eevrsr.motion import MotionNet

_FRAMES = 5
_CENTRE = 2
_GROWTH = 12
_LAYERS = 6
_RESIDUAL_GAIN = 0.05
# Rows to either side that a row of DerainNet's result depends on: 3 of the
# first kernel, 1 of each layer, 2 of the last kernel.
_REACH = 3 + _LAYERS + 2
# On a processor 84 channels of them fit its cache; on a GPU (True) they keep
# it busy.
_BAND_PIXELS = {False: 1 << 16, True: 1 << 21}


class EEVRSROutput(NamedTuple):
    """What :class:`EEVRSRNet` returns; nothing is clipped.

    Args:
        restored: The centre frame without rain, (n, 1, h, w), luma.
        warped: The neighbours t-2, t-1, t+1, t+2 as the de-raining sub-net
            sees them, (n, 4, 1, h, w): moved to the centre frame, or as they
            came where the network has no motion compensation.
    """

    restored: Tensor
    warped: Tensor


@MODELS.register_module()
class EEVRSRNet(BaseModule):
    """Removes rain streaks from the centre of five frames.

    "EEVRSR: End-To-End Convolutional Network for Video Rain Streaks Removal",
    ICIP 2019; official code: github.com/ShirleyGxd/EEVRSR,
    ``test_code/net_final.py``. The default is the network of the official
    checkpoint ``EEVRSR_all``; ``EEVRSR_derain_only`` is one without motion
    compensation.

    Differs from the official code:

    * Several clips at once.
    * The last convolution starts at a twentieth of Glorot's values: with all
      of them the first residuals are noise that covers the whole range, and
      the first hundreds of training steps go into removing it.
    * In single precision the warp is more exact (see
      :func:`warp_black_border`).
    * Before the first training step the moving variances are 1 instead of 0
      (see :class:`DebiasedBatchNorm2d`).

    Args:
        motion_compensation: Move the neighbours to the centre frame first;
            without it, the network is the de-raining sub-net that was trained
            by itself.
    """

    def __init__(self, motion_compensation: bool = True) -> None:
        super().__init__()
        self.motion = MotionNet() if motion_compensation else None
        self.derain = DerainNet()
        _init_weights(self)
        with torch.no_grad():
            self.derain.conv_out.weight.mul_(_RESIDUAL_GAIN)
        # kernels in the layout in which processors and GPUs are fast; inputs
        # follow where they enter a sub-net
        self.to(memory_format=torch.channels_last)

    def forward(self, clip: Tensor) -> EEVRSROutput:
        """Restore the centre frame.

        Args:
            clip: Shape (n, 5, 1, h, w), luma in [0, 1], in time order; with
                motion compensation 4 has to divide h and w.

        Raises:
            ValueError: The clip has another shape.
        """
        neighbours = self.compensate(clip)
        frames = list(neighbours.unbind(1))
        frames.insert(_CENTRE, clip[:, _CENTRE])
        residual = self.derain(torch.cat(frames, dim=1))
        return EEVRSROutput(clip[:, _CENTRE] + residual, neighbours)

    def compensate(self, clip: Tensor) -> Tensor:
        """The first part alone: move the neighbours to the centre frame.

        Args:
            clip: As for :meth:`forward`.

        Returns:
            Tensor: ``warped`` of :class:`EEVRSROutput`.

        Raises:
            ValueError: The clip has another shape.
        """
        self._check(clip)
        frames = list(clip.unbind(1))
        centre = frames.pop(_CENTRE)
        if self.motion is not None:
            # one by one, as the official code: no more memory than one needs
            frames = [self.motion(centre, frame).warped for frame in frames]
        return torch.stack(frames, dim=1)

    def _check(self, clip: Tensor) -> None:
        divisor = 1 if self.motion is None else 4
        if (clip.ndim != 5 or tuple(clip.shape[1:3]) != (_FRAMES, 1)
                or clip.shape[3] % divisor or clip.shape[4] % divisor):
            raise ValueError(
                f'EEVRSRNet takes clips (n, {_FRAMES}, 1, h, w) with h and w '
                f'multiples of {divisor}, got {tuple(clip.shape)}')


class NormalisedDenseLayer(nn.Module):
    """A bottleneck and a 3x3 convolution, each after normalisation.

    Args:
        in_channels: Of all layers before.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm1 = DebiasedBatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, 4 * _GROWTH, 1)
        self.norm2 = DebiasedBatchNorm2d(4 * _GROWTH)
        self.conv2 = nn.Conv2d(4 * _GROWTH, _GROWTH, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) -> (n, 12, h, w)."""
        return self.conv2(self.bottleneck(x))

    def bottleneck(self, x: Tensor) -> Tensor:
        """(n, c, h, w) -> (n, 48, h, w), after the second activation."""
        x = self.norm1(x).relu_()
        return normalised_conv(self.conv1, self.norm2, x).relu_()


class DerainNet(nn.Module):
    """From five planes to the residual of the centre frame (``DerainNet``).

    The dense block hands on its last layer alone, not what it concatenated.
    """

    def __init__(self) -> None:
        super().__init__()
        channels = 2 * _GROWTH
        self.conv_in = nn.Conv2d(_FRAMES, channels, 7, padding=3)
        self.layers = nn.ModuleList(
            NormalisedDenseLayer(channels + index * _GROWTH)
            for index in range(_LAYERS))
        self.norm1 = DebiasedBatchNorm2d(_GROWTH)
        self.conv1 = nn.Conv2d(_GROWTH, _GROWTH // 2, 1)
        self.norm2 = DebiasedBatchNorm2d(_GROWTH // 2)
        self.conv_out = nn.Conv2d(_GROWTH // 2, 1, 5, padding=2)

    def forward(self, planes: Tensor) -> Tensor:
        """(n, 5, h, w) -> (n, 1, h, w)."""
        planes = planes.contiguous(memory_format=torch.channels_last)
        if self.training:  # statistics are those of the whole batch
            return self._derain(planes)
        return in_bands(self._derain, planes, _REACH,
                        _BAND_PIXELS[planes.is_cuda])

    def _derain(self, planes: Tensor) -> Tensor:
        *layers, last = self.layers
        x = self.conv_in(planes)
        for layer in layers:
            x = torch.cat([x, layer(x)], dim=1)
        x = last.bottleneck(x)
        x = normalised_conv(last.conv2, self.norm1, x).relu_()
        x = normalised_conv(self.conv1, self.norm2, x).relu_()
        return self.conv_out(x)


def _init_weights(network: nn.Module) -> None:
    """Glorot's uniform weights and no bias, as in the official code."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
