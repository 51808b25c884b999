"""How a method's official code goes about a clip, to compare speed with."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from mmderain.models.restoration import WindowRestoration

# from a clip (t, 3, h, w), uint8 RGB, to its restored frames (v, 3, h, w),
# RGB around [0, 1], not rounded
RestoreClip = Callable[[Tensor], Tensor]


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
    other: Mapping[str, Any] | None = field(default=None)


def in_contiguous_layout(network: nn.Module) -> nn.Module:
    """A copy whose weights are in PyTorch's default layout.

    Its convolutions compute in that of their input.
    """
    return copy.deepcopy(network).to(memory_format=torch.contiguous_format)
