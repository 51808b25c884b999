"""Networks, derainers and losses; importing it registers all of them."""

from mmderain.models.clip_preprocessor import ClipPreprocessor
from mmderain.models.derainers import (
    AttentiveGANDerainer,
    BaseDerainer,
    EEVRSRDerainer,
    ViMPDerainer,
)
from mmderain.models.losses import HoleLoss, MapBCELoss
from mmderain.models.networks import (
    AttentiveGANDiscriminator,
    AttentiveGANGenerator,
    EEVRSRNet,
    ViMPNet,
)
from mmderain.models.perceptual_loss import VGG16FeatureLoss

__all__ = [
    'AttentiveGANDerainer', 'AttentiveGANDiscriminator',
    'AttentiveGANGenerator', 'BaseDerainer', 'ClipPreprocessor',
    'EEVRSRDerainer', 'EEVRSRNet', 'HoleLoss', 'MapBCELoss',
    'VGG16FeatureLoss', 'ViMPDerainer', 'ViMPNet'
]
