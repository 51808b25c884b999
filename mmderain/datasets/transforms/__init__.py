"""Transforms of clips with several keys."""

from mmderain.datasets.transforms.clips import (
    LoadFrames,
    PairedClipCrop,
    SampleClip,
    StackFrames,
)

__all__ = ['LoadFrames', 'PairedClipCrop', 'SampleClip', 'StackFrames']
