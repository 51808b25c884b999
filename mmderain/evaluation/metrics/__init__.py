"""Metrics that MMagic lacks."""

from mmderain.evaluation.metrics.luma_scores import LumaPSNR, LumaSSIM
from mmderain.evaluation.metrics.no_reference import ClipNIQE

__all__ = ['ClipNIQE', 'LumaPSNR', 'LumaSSIM']
