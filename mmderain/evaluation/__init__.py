"""Metrics that MMagic lacks; importing it registers all of them."""

from mmderain.evaluation.raindrop_metrics import RaindropPSNR, RaindropSSIM

__all__ = ['RaindropPSNR', 'RaindropSSIM']
