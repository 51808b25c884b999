"""Data sets and transforms; importing it registers all of them."""

from mmderain.datasets.aligned_clips_dataset import (
    AlignedClipsDataset,
    AlignedClipSets,
)
from mmderain.datasets.clip_dataset import ClipDataset
from mmderain.datasets.lens_clips_dataset import LensClipsDataset
from mmderain.datasets.raindrop_dataset import RaindropDataset
from mmderain.datasets.rainpractical_dataset import RainPracticalDataset
from mmderain.datasets.rainsyn_dataset import RainSynDataset
from mmderain.datasets.transforms import (
    LoadClip,
    LoadFrames,
    PairedClipCrop,
    RaindropMask,
    SampleClip,
    StackFrames,
)
from mmderain.datasets.vrds_dataset import VRDSDataset

__all__ = [
    'AlignedClipSets', 'AlignedClipsDataset', 'ClipDataset',
    'LensClipsDataset', 'LoadClip', 'LoadFrames', 'PairedClipCrop',
    'RainPracticalDataset', 'RainSynDataset', 'RaindropDataset',
    'RaindropMask', 'SampleClip', 'StackFrames', 'VRDSDataset'
]
