"""Transforms of clips with several keys."""

from mmderain.datasets.transforms.clips import (
    LoadFrames,
    PairedClipCrop,
    SampleClip,
    StackFrames,
)
from mmderain.datasets.transforms.raindrop_mask import RaindropMask

__all__ = [
    'LoadFrames', 'PairedClipCrop', 'RaindropMask', 'SampleClip', 'StackFrames'
]
