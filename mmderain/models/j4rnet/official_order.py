"""J4R-Net as the official demo goes about a clip: patch by patch."""

import torch
from torch import Tensor

from mmderain.models.j4rnet.restoration import CONVENTION
from mmderain.models.luma import clip_to_luma, replace_luma
from mmderain.models.official_order import (
    OfficialOrder,
    RestoreClip,
    in_contiguous_layout,
)
from mmderain.models.restoration import WindowRestoration
from mmderain.windows.tiles import extend

_PATCH, _STEP, _DROP = 32, 16, 8
_BORDER = 80
_AROUND = 4  # frames before and after the one that is kept


def prepare(restoration: WindowRestoration) -> RestoreClip:
    """For each frame all patches of nine frames, of which one is kept.

    The frame is extended by 80 pixels, and the patches that lie in there
    alone are computed, too, as are those that would reach out of it, once
    more, at its end.
    """
    network = in_contiguous_layout(restoration.generator)

    def restore_centre(window: Tensor) -> Tensor:
        """(9, 1, h, w), extended -> (h, w) of the frame in the middle."""
        height, width = window.shape[-2:]
        plane = window.new_zeros(height, width)
        for top in _origins(height):
            for left in _origins(width):
                patch = window[..., top:top + _PATCH, left:left + _PATCH]
                restored = network(patch[None]).restored[0, _AROUND, 0]
                kept = slice(_DROP, _PATCH - _DROP)
                plane[top:top + _PATCH, left:left + _PATCH][kept, kept] += \
                    restored[kept, kept]
        return plane

    @torch.no_grad()
    def restore(clip: Tensor) -> Tensor:
        clip = clip.float() / 255
        luma = extend(clip_to_luma(clip, CONVENTION)[None], (_BORDER, ) * 4)[0]
        planes = [
            restore_centre(luma[centre - _AROUND:centre + _AROUND + 1])
            for centre in range(_AROUND, len(clip) - _AROUND)]
        kept = slice(_BORDER, -_BORDER)
        return replace_luma(clip[_AROUND:len(clip) - _AROUND],
                            torch.stack(planes)[:, None, kept, kept],
                            CONVENTION)

    return restore


def _origins(length: int) -> list[int]:
    return [min(start, length - _PATCH) for start in range(0, length, _STEP)]


ORDER = OfficialOrder(
    prepare,
    settings=dict(window=9, stride=7, padding=None, tile=(_PATCH, _PATCH),
                  tile_overlap=2 * _DROP, margin=2 * _DROP),
    size=(9, 240, 320), left_out=_AROUND,
    other=dict(running=True, tile=None),
    says='for each frame patches of 32 x 32 pixels and nine frames, one at a '
    'time, of which 16 x 16 pixels of one frame are kept; contiguous layout')
