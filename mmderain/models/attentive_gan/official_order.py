"""Attentive GAN as its official script goes about images."""

import torch
from torch import Tensor

from mmderain.models.official_order import (
    OfficialOrder,
    RestoreClip,
    in_contiguous_layout,
)
from mmderain.models.restoration import WindowRestoration


def prepare(restoration: WindowRestoration) -> RestoreClip:
    """One image after the other, in PyTorch's default layout."""
    network = in_contiguous_layout(restoration.generator)

    @torch.no_grad()
    def restore(clip: Tensor) -> Tensor:
        images = clip.float() / 255
        return torch.cat([network(image[None]).restored for image in images])

    return restore


ORDER = OfficialOrder(
    prepare, settings=dict(tile=None), size=(2, 480, 720),
    says='one image at a time, contiguous layout')
