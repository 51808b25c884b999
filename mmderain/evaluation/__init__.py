"""Named protocols, and metrics; importing it registers all of them."""

from mmderain.evaluation.metrics import ClipNIQE, ProtocolScores
from mmderain.evaluation.protocols import PROTOCOLS, Protocol, get_protocol

__all__ = ['PROTOCOLS', 'ClipNIQE', 'Protocol', 'ProtocolScores',
           'get_protocol']
