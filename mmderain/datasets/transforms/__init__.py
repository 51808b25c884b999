"""Transforms of clips with several keys."""

from mmderain.datasets.transforms.clips import (
    LoadFrames,
    PairedClipCrop,
    SampleClip,
    StackFrames,
)
from mmderain.datasets.transforms.raindrop_mask import RaindropMask
from mmderain.datasets.transforms.video import LoadClip

__all__ = [
    'LoadClip', 'LoadFrames', 'PairedClipCrop', 'RaindropMask', 'SampleClip',
    'StackFrames'
]
