"""Metrics that MMagic lacks; importing it registers all of them."""

from mmderain.evaluation.metrics.no_reference import ClipNIQE
from mmderain.evaluation.metrics.paired_metrics import (
    LPIPS,
    TOF,
    ProtocolScores,
    TemporalError,
)

__all__ = ['LPIPS', 'TOF', 'ClipNIQE', 'ProtocolScores',
           'TemporalError']
