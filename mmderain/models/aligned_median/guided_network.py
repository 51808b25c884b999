"""GuidedMedianNet: the aligned median, and what a guide has made of it."""

from collections.abc import Collection, Mapping, Sequence

import torch
from mmagic.registry import MODELS
from torch import Tensor

from mmderain.checkpoints.description import load_network
from mmderain.errors import CheckpointError
from mmderain.models.aligned_median.median_blend import (
    BLEND_SLOPE,
    AlignedMedianOutput,
)
from mmderain.models.aligned_median.network import AlignedMedianNet
from mmderain.models.aligned_median.window import CENTRE


@MODELS.register_module()
class GuidedMedianNet(AlignedMedianNet):
    """Sees what a smaller network has restored, beside the rainy frames.

    :class:`AlignedMedianNet` of luma with two planes more: what a guide has
    made of the centre frame, and the median of that and its results for the
    neighbours, moved to it. It says how much of each to take, too::

        restored = centre + blend * (median - centre) + residual
            + share * (guide - centre) + other * (guide's median - centre)

    The shares are not bounded, and are 0 to begin with.

    Args:
        width: As for the base class, as are the others.
        bottleneck: Channels inside a dense layer.
        growth: Channels that a dense layer adds.
        dilations: One dense layer for each, dilated as much.
        tail: Channels before the last convolution.
        median_pretrained: Checkpoint of an ``AlignedMedianNet`` of luma and
            of the same widths, with which a training begins.
    """

    shares = 2

    def __init__(self,
                 width: int = 48,
                 bottleneck: int = 64,
                 growth: int = 32,
                 dilations: Sequence[int] = (1, 1, 2, 4, 2, 1),
                 tail: int = 64,
                 median_pretrained: str | None = None) -> None:
        super().__init__(1, width, bottleneck, growth, dilations, tail)
        self.median_pretrained = median_pretrained

    def init_weights(self) -> None:
        """What a training begins with.

        Raises:
            CheckpointError: It cannot be read, or is of another network.
        """
        if self.median_pretrained is not None:
            self._begin_with(self.median_pretrained)

    def _init_weights(self) -> None:
        super()._init_weights()
        with torch.no_grad():
            self.last.weight[-4 * self.shares:] = 0

    def _begin_with(self, checkpoint: str) -> None:
        """Take over a network that sees and says less."""
        network = load_network(checkpoint)
        own, smaller = self.state_dict(), network.state_dict()
        grown = {'head.weight', 'last.weight', 'last.bias'}
        if type(network) is not AlignedMedianNet or network.channels != 1 or (
                _shapes(own, grown) != _shapes(smaller, grown)):
            raise CheckpointError(
                f'{checkpoint}: expected an AlignedMedianNet of luma of the '
                f'same widths to begin with, got a {type(network).__name__} '
                'of others. Name another file, or none.')
        for name, value in smaller.items():
            # what is new comes behind, and has no effect yet
            own[name].zero_()[tuple(map(slice, value.shape))] = value

    def forward(self, frames: Tensor, aligned: Tensor,
                guide: Tensor) -> AlignedMedianOutput:
        """Restore the centre frame.

        Args:
            frames: Luma in [0, 1], shape (n, 5, 1, h, w), in time order, h
                and w even.
            aligned: The same, moved to the centre frame, which is itself in
                the middle.
            guide: Luma of the guide's centre frame and median, (n, 2, h, w).

        Raises:
            ValueError: The frames have another shape.
        """
        self._check(frames, aligned)
        centre = frames[:, CENTRE]
        planes, median = self._seen(frames, aligned)
        maps, _ = self._maps(torch.cat([*planes, guide], dim=1))
        residual, logit, shares = maps.split([1, 1, self.shares], dim=1)
        blend = (BLEND_SLOPE * logit).sigmoid()
        taken = (shares * (guide - centre)).sum(1, keepdim=True)
        return AlignedMedianOutput(
            centre + blend * (median - centre) + residual + taken, blend,
            residual)


def _shapes(weights: Mapping[str, Tensor], but_for: Collection[str]
            ) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in weights.items()
            if name not in but_for}
