"""Networks, derainers and losses; importing it registers all of them."""

from mmderain.models.clip_preprocessor import ClipPreprocessor
from mmderain.models.derainers import BaseDerainer, ViMPDerainer
from mmderain.models.losses import HoleLoss, MapBCELoss
from mmderain.models.networks import (
    AttentiveGANDiscriminator,
    AttentiveGANGenerator,
    ViMPNet,
)

__all__ = [
    'AttentiveGANDiscriminator', 'AttentiveGANGenerator', 'BaseDerainer',
    'ClipPreprocessor', 'HoleLoss', 'MapBCELoss', 'ViMPDerainer', 'ViMPNet'
]
