"""What the networks do that blend a frame with an aligned median."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmderain.models.aligned_median.window import CENTRE, FRAMES

# the slope of the blend's sigmoid
BLEND_SLOPE = 4
# of a guide's frames that are looked at
GUIDE_PLANES = 2


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


class MedianBlend(BaseModule):
    """Blends the centre of five aligned frames with their median.

    The temporal median of aligned frames is free of most streaks but blurred
    where the alignment missed; the centre frame is sharp but rainy. A network
    says per pixel how much of each to take, and a residual::

        restored = centre + blend * (median - centre) + residual

    A subclass estimates them. It may look at what a guide has restored, too:
    luma of its centre frame, and the median of that and of its neighbours,
    moved to it.

    Args:
        channels: 1 for luma, 3 for RGB.
        sees_guide: Look at a guide's two planes; for luma alone.

    Raises:
        ValueError: A guide is to be seen in RGB.
    """

    # height and width are multiples of it
    divisor = 2

    def __init__(self, channels: int, sees_guide: bool = False) -> None:
        super().__init__()
        if sees_guide and channels != 1:
            raise ValueError('sees_guide=True needs channels=1, got '
                             f'{channels}')
        self.channels, self.sees_guide = channels, sees_guide

    @property
    def planes(self) -> int:
        """What is looked at: aligned frames, their median and minimum,
        neighbours as they came, and a guide's."""
        return (self.channels * (FRAMES + 2 + FRAMES - 1)
                + GUIDE_PLANES * self.sees_guide)

    def _init_weights(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity='relu')
                nn.init.zeros_(module.bias)

    def forward(self, frames: Tensor, aligned: Tensor,
                guide: Tensor | None = None) -> AlignedMedianOutput:
        """Restore the centre frame.

        Args:
            frames: Shape (n, 5, c, h, w) in [0, 1], in time order, h and w
                multiples of ``divisor``; c is ``channels``.
            aligned: The same, moved to the centre frame, which is itself in
                the middle.
            guide: Luma of a guide's centre frame and median, (n, 2, h, w), of
                networks that look at it; without it the rainy frames stand
                in its place.

        Raises:
            ValueError: The frames have another shape.
        """
        self._check(frames, aligned)
        centre = frames[:, CENTRE]
        planes, median = self._seen(frames, aligned)
        if self.sees_guide:
            planes.append(torch.cat([centre, median], dim=1)
                          if guide is None else guide)
        blend, residual, scene = self._estimate(torch.cat(planes, dim=1))
        return self._with_scene(centre + blend * (median - centre) + residual,
                                blend, residual, scene)

    @staticmethod
    def _with_scene(restored: Tensor, blend: Tensor, residual: Tensor,
                    scene: tuple[Tensor, Tensor] | None
                    ) -> AlignedMedianOutput:
        """The result, by factor and offset where they are estimated."""
        if scene is not None:
            scene = factor, offset = tuple(part.float() for part in scene)
            restored = factor * restored + offset
        return AlignedMedianOutput(restored, blend, residual, scene)

    def _seen(self, frames: Tensor, aligned: Tensor
              ) -> tuple[list[Tensor], Tensor]:
        """What is looked at, and the median of the aligned frames."""
        planes = aligned.unbind(1)
        median = median_of_five(*planes)
        lowest = torch.stack(planes).amin(0)
        neighbours = [frames[:, index] for index in range(FRAMES)
                      if index != CENTRE]
        return [*planes, median, lowest, *neighbours], median

    def _estimate(self, planes: Tensor
                  ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor] | None]:
        """From the planes (n, p, h, w): blend, residual and, where they are
        estimated, factor and offset."""
        raise NotImplementedError

    def _check(self, frames: Tensor, aligned: Tensor) -> None:
        shape = tuple(frames.shape)
        if (frames.ndim != 5 or shape[1:3] != (FRAMES, self.channels)
                or shape[3] % self.divisor or shape[4] % self.divisor
                or aligned.shape != frames.shape):
            raise ValueError(
                f'{type(self).__name__} takes frames and aligned frames (n, '
                f'{FRAMES}, {self.channels}, h, w) with h and w multiples of '
                f'{self.divisor}, got {shape} and {tuple(aligned.shape)}')


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
