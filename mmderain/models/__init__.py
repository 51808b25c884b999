"""Networks, derainers and losses; importing it registers all of them."""

from mmderain.models.background_losses import HighPassMSELoss, OcclusionLoss
from mmderain.models.clip_preprocessor import ClipPreprocessor
from mmderain.models.derainers import (
    BaseDerainer,
    EEVRSRDerainer,
    J4RDerainer,
    ViMPDerainer,
)
from mmderain.models.losses import HoleLoss, MapBCELoss
from mmderain.models.networks import (
    EEVRSRNet,
    J4RNet,
    J4RReleasedBRCNNet,
    J4RReleasedGRUNet,
    ViMPNet,
)

__all__ = [
    'BaseDerainer', 'ClipPreprocessor', 'EEVRSRDerainer', 'EEVRSRNet',
    'HighPassMSELoss', 'HoleLoss', 'J4RDerainer', 'J4RNet',
    'J4RReleasedBRCNNet', 'J4RReleasedGRUNet', 'MapBCELoss', 'OcclusionLoss',
    'ViMPDerainer', 'ViMPNet'
]
