"""J4R-Net: rain erased or filled, the paper's network and two released."""

from mmderain.models.networks.j4rnet.network import J4RNet, J4RNetOutput
from mmderain.models.networks.j4rnet.released_brcn import (
    J4RReleasedBRCNNet,
    J4RReleasedBRCNNetOutput,
)
from mmderain.models.networks.j4rnet.released_gru import (
    J4RReleasedGRUNet,
    J4RReleasedGRUNetOutput,
)

__all__ = [
    'J4RNet', 'J4RNetOutput', 'J4RReleasedBRCNNet',
    'J4RReleasedBRCNNetOutput', 'J4RReleasedGRUNet', 'J4RReleasedGRUNetOutput'
]
