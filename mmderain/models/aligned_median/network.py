"""AlignedMedianNet: how much of an aligned median, per pixel."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from torch import Tensor, nn

from mmderain.models.aligned_median.grown import begin_with
from mmderain.models.aligned_median.median_blend import (
    BLEND_SLOPE,
    GUIDE_PLANES,
    AlignedMedianOutput,
    MedianBlend,
    SceneEstimate,
    median_of_five,
)
from mmderain.models.aligned_median.window import CENTRE

__all__ = ['AlignedMedianNet', 'AlignedMedianOutput', 'median_of_five']

_RESIDUAL_GAIN = 0.05
_SCENES = (None, 'gain', 'film')


@MODELS.register_module()
class AlignedMedianNet(MedianBlend):
    """Removes rain streaks from the centre of five aligned frames.

    A network of our own; see :class:`MedianBlend` for what it estimates. Its
    body, dense layers without normalisation, works at half of the size.
    The defaults are those of the shipped weights, but that these see a guide.
    Of its two planes as much is added to the residual as the network says::

        + share * (guide - centre) + other * (guide's median - centre)

    The shares are not bounded, and are 0 to begin with.

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
        sees_guide: See what a smaller network has restored, beside the rainy
            frames; for luma alone.
        median_pretrained: Checkpoint of a network of the same widths that
            sees no guide, with which the training of one begins that does.

    Raises:
        ValueError: ``scene`` is something else, or a guide is to be seen in
            RGB.
    """

    def __init__(self,
                 channels: int = 1,
                 width: int = 48,
                 bottleneck: int = 64,
                 growth: int = 32,
                 dilations: Sequence[int] = (1, 1, 2, 4, 2, 1),
                 tail: int = 64,
                 scene: str | None = 'film',
                 sees_guide: bool = False,
                 median_pretrained: str | None = None) -> None:
        super().__init__(channels, sees_guide)
        if scene not in _SCENES:
            raise ValueError(f'scene has to be one of {_SCENES}, got '
                             f'{scene!r}')
        self.head = nn.Conv2d(4 * self.planes, width, 3, padding=1)
        self.layers = nn.ModuleList(
            DilatedDenseLayer(width + index * growth, bottleneck, growth,
                              dilation)
            for index, dilation in enumerate(dilations))
        features = width + len(dilations) * growth
        self.fuse = nn.Conv2d(features, tail, 1)
        shares = GUIDE_PLANES * sees_guide
        self._map_counts = [channels, 1, shares]
        self.last = nn.Conv2d(tail, 4 * sum(self._map_counts), 3, padding=1)
        self.gain = SceneEstimate(features, channels) \
            if scene == 'gain' else None
        self.film = SceneEstimate(features, tail) if scene == 'film' else None
        self.median_pretrained = median_pretrained
        self._init_weights()
        # the layout in which processors and GPUs are fast
        self.to(memory_format=torch.channels_last)

    def _init_weights(self) -> None:
        super()._init_weights()
        with torch.no_grad():
            # training starts near the mean of centre and median
            self.last.weight.mul_(_RESIDUAL_GAIN)
            if self.sees_guide:
                self.last.weight[-4 * GUIDE_PLANES:] = 0

    def init_weights(self) -> None:
        """What a training begins with.

        Raises:
            CheckpointError: It cannot be read, or is of another network.
        """
        if self.median_pretrained is not None:
            begin_with(self, self.median_pretrained)

    def _estimate(self, planes: Tensor
                  ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor] | None]:
        """See the base class; factor and offset with 'gain' alone."""
        maps, x = self._maps(planes)
        residual, logit, shares = maps.split(self._map_counts, dim=1)
        if self.sees_guide:
            guide = planes[:, -GUIDE_PLANES:]
            # the centre is the middle one of the aligned frames
            taken = shares * (guide - planes[:, CENTRE:CENTRE + 1])
            residual = residual + taken.sum(1, keepdim=True)
        return (BLEND_SLOPE * logit).sigmoid(), residual, self._gain(x)

    def _gain(self, x: Tensor) -> tuple[Tensor, Tensor] | None:
        return None if self.gain is None else self.gain(x)

    def _maps(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """What the last convolution gives, and what all layers gave."""
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
        return F.pixel_shuffle(self.last(hidden.relu()), 2).float(), x


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
