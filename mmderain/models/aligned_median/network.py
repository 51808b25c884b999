"""AlignedMedianNet: how much of an aligned median, per pixel."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmderain.models.aligned_median.window import CENTRE, FRAMES

_RESIDUAL_GAIN = 0.05
# the slope of the blend's sigmoid
_BLEND_SLOPE = 4
_SCENES = (None, 'gain', 'film')


class AlignedMedianOutput(NamedTuple):
    """What :class:`AlignedMedianNet` returns; nothing is clipped.

    Args:
        restored: The centre frame without rain, (n, c, h, w).
        blend: Part of the aligned median in it, (n, 1, h, w), from 0 (the
            centre frame) to 1.
        residual: What was added to the blend, (n, c, h, w).
        scene: Factor and offset, (n, c, 1, 1) each, that ``restored`` has at
            last; None where they are not estimated.
    """

    restored: Tensor
    blend: Tensor
    residual: Tensor
    scene: tuple[Tensor, Tensor] | None = None


@MODELS.register_module()
class AlignedMedianNet(BaseModule):
    """Removes rain streaks from the centre of five aligned frames.

    A network of our own. The temporal median of aligned frames is free of
    most streaks but blurred where the alignment missed; the centre frame is
    sharp but rainy. The network says per pixel how much of each to take, and
    a residual::

        restored = centre + blend * (median - centre) + residual

    Its body, dense layers without normalisation, works at half of the size.
    The defaults are those of the shipped weights.

    Args:
        channels: 1 for luma, 3 for RGB.
        width: Channels after the first convolution.
        bottleneck: Channels inside a dense layer.
        growth: Channels that a dense layer adds.
        dilations: One dense layer for each, dilated as much.
        tail: Channels before the last convolution.
        scene: What is estimated from features averaged over the frame: None
            for nothing; 'gain' a factor and an offset of the restored frame,
            for veil and brightness; 'film' factors and offsets of the
            features before the last convolution (Perez et al., AAAI 2018), by
            which a frame without rain is told from one with little.

    Raises:
        ValueError: ``scene`` is something else.
    """

    def __init__(self,
                 channels: int = 1,
                 width: int = 48,
                 bottleneck: int = 64,
                 growth: int = 32,
                 dilations: Sequence[int] = (1, 1, 2, 4, 2, 1),
                 tail: int = 64,
                 scene: str | None = 'film') -> None:
        super().__init__()
        if scene not in _SCENES:
            raise ValueError(f'scene has to be one of {_SCENES}, got '
                             f'{scene!r}')
        self.channels = channels
        # aligned frames, their median and minimum, neighbours as they came
        planes = channels * (FRAMES + 2 + FRAMES - 1)
        self.head = nn.Conv2d(4 * planes, width, 3, padding=1)
        self.layers = nn.ModuleList(
            DilatedDenseLayer(width + index * growth, bottleneck, growth,
                              dilation)
            for index, dilation in enumerate(dilations))
        features = width + len(dilations) * growth
        self.fuse = nn.Conv2d(features, tail, 1)
        self.last = nn.Conv2d(tail, 4 * (channels + 1), 3, padding=1)
        self.gain = SceneEstimate(features, channels) \
            if scene == 'gain' else None
        self.film = SceneEstimate(features, tail) if scene == 'film' else None
        self._init_weights()
        # the layout in which processors and GPUs are fast
        self.to(memory_format=torch.channels_last)

    def _init_weights(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity='relu')
                nn.init.zeros_(module.bias)
        with torch.no_grad():
            # training starts near the mean of centre and median
            self.last.weight.mul_(_RESIDUAL_GAIN)

    def forward(self, frames: Tensor, aligned: Tensor) -> AlignedMedianOutput:
        """Restore the centre frame.

        Args:
            frames: Shape (n, 5, c, h, w) in [0, 1], in time order, h and w
                even; c is ``channels``.
            aligned: The same, moved to the centre frame, which is itself in
                the middle.

        Raises:
            ValueError: The frames have another shape.
        """
        self._check(frames, aligned)
        centre = frames[:, CENTRE]
        planes = aligned.unbind(1)
        median = median_of_five(*planes)
        lowest = torch.stack(planes).amin(0)
        neighbours = [frames[:, index] for index in range(FRAMES)
                      if index != CENTRE]
        blend, residual, scene = self._estimate(
            torch.cat([*planes, median, lowest, *neighbours], dim=1))
        restored = centre + blend * (median - centre) + residual
        if scene is not None:
            scene = factor, offset = tuple(part.float() for part in scene)
            restored = factor * restored + offset
        return AlignedMedianOutput(restored, blend, residual, scene)

    def _estimate(self, planes: Tensor
                  ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor] | None]:
        """From the planes (n, p, h, w): blend, residual and, with 'gain',
        factor and offset."""
        x = F.pixel_unshuffle(planes, 2)
        x = x.contiguous(memory_format=torch.channels_last)
        parts = [self.head(x)]
        # what layers see; each part once, not again in every concatenation
        active = [parts[0].relu()]
        for layer in self.layers:
            parts.append(layer(torch.cat(active, dim=1)))
            active.append(parts[-1].relu())
        x = torch.cat(parts, dim=1)
        hidden = self.fuse(x)
        if self.film is not None:
            factor, offset = self.film(x)
            hidden = factor * hidden + offset
        maps = F.pixel_shuffle(self.last(hidden.relu()), 2).float()
        residual, logit = maps.split([self.channels, 1], dim=1)
        return ((_BLEND_SLOPE * logit).sigmoid(), residual,
                None if self.gain is None else self.gain(x))

    def _check(self, frames: Tensor, aligned: Tensor) -> None:
        shape = tuple(frames.shape)
        if (frames.ndim != 5 or shape[1:3] != (FRAMES, self.channels)
                or shape[3] % 2 or shape[4] % 2
                or aligned.shape != frames.shape):
            raise ValueError(
                f'AlignedMedianNet takes frames and aligned frames (n, '
                f'{FRAMES}, {self.channels}, h, w) with even h and w, got '
                f'{shape} and {tuple(aligned.shape)}')


class DilatedDenseLayer(nn.Module):
    """What a layer adds to all features before it.

    Args:
        in_channels: Of all layers before.
        bottleneck: Channels of the 1x1 convolution.
        out_channels: Channels of the 3x3 convolution.
        dilation: Of the latter.
    """

    def __init__(self, in_channels: int, bottleneck: int, out_channels: int,
                 dilation: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(in_channels, bottleneck, 1)
        self.grow = nn.Conv2d(bottleneck, out_channels, 3, padding=dilation,
                              dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        """(n, in_channels, h, w), none below 0 -> (n, out_channels, h, w)."""
        return self.grow(self.reduce(x).relu_())


class SceneEstimate(nn.Module):
    """Factors and offsets from the mean features of a frame.

    It starts with factors of 1 and offsets of 0.

    Args:
        in_channels: Of the features.
        out_channels: Of what is scaled.
        hidden: Between the two.
    """

    def __init__(self, in_channels: int, out_channels: int,
                 hidden: int = 16) -> None:
        super().__init__()
        self.reduce = nn.Linear(in_channels, hidden)
        self.expand = nn.Linear(hidden, 2 * out_channels)
        nn.init.zeros_(self.expand.weight)
        nn.init.zeros_(self.expand.bias)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(n, in_channels, h, w) -> twice (n, out_channels, 1, 1)."""
        # a kernel of the frame's size takes a tenth of the time of `mean` in
        # bfloat16 on a CPU, but an exported network would keep that size
        mean = (x.mean((2, 3)) if torch.compiler.is_exporting()
                else F.avg_pool2d(x, x.shape[2:]).flatten(1))
        scene = self.expand(self.reduce(mean).relu())
        change, offset = scene[:, :, None, None].chunk(2, dim=1)
        return 1 + change, offset


def median_of_five(a: Tensor, b: Tensor, c: Tensor, d: Tensor,
                   e: Tensor) -> Tensor:
    """The exact median by minima and maxima.

    On a CPU ten times as fast as ``torch.median`` along a dimension.
    """
    low = torch.maximum(torch.minimum(a, b), torch.minimum(d, e))
    high = torch.minimum(torch.maximum(a, b), torch.maximum(d, e))
    # two of the five are out on either side: what is left is of three
    lower, upper = torch.minimum(low, high), torch.maximum(low, high)
    return torch.maximum(lower, torch.minimum(upper, c))
