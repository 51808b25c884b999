"""Named protocols, and metrics; importing it registers all of them."""

from mmderain.evaluation.metrics import LPIPS, TOF, ClipNIQE, ProtocolScores
from mmderain.evaluation.protocols import PROTOCOLS, Protocol, get_protocol

__all__ = ['LPIPS', 'PROTOCOLS', 'TOF', 'ClipNIQE', 'Protocol',
           'ProtocolScores', 'get_protocol']
