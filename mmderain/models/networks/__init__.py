"""The networks: pure modules, tensors in, a named tuple out."""

from mmderain.models.networks.j4rnet import (
    J4RNet,
    J4RReleasedBRCNNet,
    J4RReleasedGRUNet,
)
from mmderain.models.networks.vimpnet import ViMPNet

__all__ = ['J4RNet', 'J4RReleasedBRCNNet', 'J4RReleasedGRUNet', 'ViMPNet']
