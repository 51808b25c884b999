"""The MMagic models: losses, training, colour in and out."""

from mmderain.models.derainers.aligned_median_derainer import (
    AlignedMedianDerainer,
)
from mmderain.models.derainers.attentive_gan_derainer import (
    AttentiveGANDerainer,
)
from mmderain.models.derainers.base import BaseDerainer
from mmderain.models.derainers.eevrsr_derainer import EEVRSRDerainer
from mmderain.models.derainers.j4r_derainer import J4RDerainer
from mmderain.models.derainers.vimp_derainer import ViMPDerainer

__all__ = [
    'AlignedMedianDerainer', 'AttentiveGANDerainer', 'BaseDerainer',
    'EEVRSRDerainer', 'J4RDerainer', 'ViMPDerainer'
]
