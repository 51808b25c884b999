"""Networks, derainers and losses; importing it registers all of them."""

from mmderain.models.background_losses import HighPassMSELoss, OcclusionLoss
from mmderain.models.clip_preprocessor import ClipPreprocessor
from mmderain.models.derainers import (
    AlignedMedianDerainer,
    AttentiveGANDerainer,
    BaseDerainer,
    EEVRSRDerainer,
    J4RDerainer,
    ViMPDerainer,
)
from mmderain.models.losses import HoleLoss, LogMSELoss, MapBCELoss
from mmderain.models.networks import (
    AlignedMedianNet,
    AttentiveGANDiscriminator,
    AttentiveGANGenerator,
    EEVRSRNet,
    J4RNet,
    J4RReleasedBRCNNet,
    J4RReleasedGRUNet,
    ViMPNet,
)
from mmderain.models.perceptual_loss import VGG16FeatureLoss

__all__ = [
    'AlignedMedianDerainer', 'AlignedMedianNet', 'AttentiveGANDerainer',
    'AttentiveGANDiscriminator', 'AttentiveGANGenerator', 'BaseDerainer',
    'ClipPreprocessor', 'EEVRSRDerainer', 'EEVRSRNet', 'HighPassMSELoss',
    'HoleLoss', 'J4RDerainer', 'J4RNet', 'J4RReleasedBRCNNet',
    'J4RReleasedGRUNet', 'LogMSELoss', 'MapBCELoss', 'OcclusionLoss',
    'VGG16FeatureLoss', 'ViMPDerainer', 'ViMPNet'
]
