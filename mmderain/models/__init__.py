"""Networks, derainers and losses; importing it registers all of them."""

from mmderain.models.clip_preprocessor import ClipPreprocessor
from mmderain.models.derainers import (
    BaseDerainer,
    EEVRSRDerainer,
    ViMPDerainer,
)
from mmderain.models.losses import HoleLoss, MapBCELoss
from mmderain.models.networks import EEVRSRNet, ViMPNet

__all__ = [
    'BaseDerainer', 'ClipPreprocessor', 'EEVRSRDerainer', 'EEVRSRNet',
    'HoleLoss', 'MapBCELoss', 'ViMPDerainer', 'ViMPNet'
]
