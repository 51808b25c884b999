"""Named protocols, scores of sequences, and metrics.

The metrics are in ``mmderain.evaluation.metrics``, which needs MMagic's and
takes seconds to import.
"""

from mmderain.evaluation.protocols import PROTOCOLS, Protocol, get_protocol

__all__ = ['PROTOCOLS', 'Protocol', 'get_protocol']
