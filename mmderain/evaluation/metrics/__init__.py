"""Metrics that MMagic lacks."""

from mmderain.evaluation.metrics.luma_scores import LumaPSNR, LumaSSIM
from mmderain.evaluation.metrics.no_reference import ClipNIQE
from mmderain.evaluation.metrics.raindrop_scores import (
    RaindropPSNR,
    RaindropSSIM,
)

__all__ = ['ClipNIQE', 'LumaPSNR', 'LumaSSIM', 'RaindropPSNR', 'RaindropSSIM']
