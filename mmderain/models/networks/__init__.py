"""The networks: pure modules, tensors in, a named tuple out."""

from mmderain.models.networks.aligned_median import AlignedMedianNet
from mmderain.models.networks.attentive_gan import (
    AttentiveGANDiscriminator,
    AttentiveGANGenerator,
)
from mmderain.models.networks.eevrsr import EEVRSRNet
from mmderain.models.networks.j4rnet import (
    J4RNet,
    J4RReleasedBRCNNet,
    J4RReleasedGRUNet,
)
from mmderain.models.networks.vimpnet import ViMPNet

__all__ = [
    'AlignedMedianNet', 'AttentiveGANDiscriminator', 'AttentiveGANGenerator',
    'EEVRSRNet', 'J4RNet', 'J4RReleasedBRCNNet', 'J4RReleasedGRUNet',
    'ViMPNet'
]
