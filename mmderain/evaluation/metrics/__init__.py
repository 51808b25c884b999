"""Metrics that MMagic lacks."""

from mmderain.evaluation.metrics.no_reference import ClipNIQE
from mmderain.evaluation.metrics.protocol_scores import ProtocolScores

__all__ = ['ClipNIQE', 'ProtocolScores']
