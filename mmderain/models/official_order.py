"""How a method's official code goes about a clip, to compare speed with."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mmderain.errors import UserError
from mmderain.models.restoration import WindowRestoration

# from a clip (t, 3, h, w), uint8 RGB, to its restored frames (v, 3, h, w),
# RGB around [0, 1], not rounded
RestoreClip = Callable[[Tensor], Tensor]
# of every official code; ours pads
_DIVISOR = 4


@dataclass(frozen=True)
class OfficialOrder:
    """An official code's work in its order, written anew for PyTorch.

    Args:
        prepare: From a restoration of ours, whose weights, window and tiles
            are taken, to what restores a clip in the official order.
        settings: ``test_cfg`` by which ours restores the same frames.
        size: Frames, height and width of a clip that shows all of it.
        says: What is done in which order, in a sentence.
        left_out: Frames at either end of a clip that are not restored.
        other: ``test_cfg`` of ours that is made for speed and gives other
            values; None where that of ``settings`` is the fastest.
    """

    prepare: Callable[[WindowRestoration], RestoreClip]
    settings: Mapping[str, Any]
    size: tuple[int, int, int]
    says: str
    left_out: int = 0
    other: Mapping[str, Any] | None = None

    def require_clip(self, place: str, size: Sequence[int]) -> None:
        """Refuse clips that an official code does not take.

        Args:
            place: Where they are asked for, for the message.
            size: Frames, height and width.

        Raises:
            UserError: There are too few frames, or the sides are odd.
        """
        count, *sides = size
        if count <= 2 * self.left_out or any(
                side % _DIVISOR for side in sides):
            raise UserError(
                f'{place}: the official order takes clips of '
                f'{2 * self.left_out + 1} frames and more, whose sides '
                f'{_DIVISOR} divides.')


def in_contiguous_layout(network: nn.Module) -> nn.Module:
    """A copy whose weights are in PyTorch's default layout.

    Its convolutions compute in that of their input.
    """
    return copy.deepcopy(network).to(memory_format=torch.contiguous_format)
