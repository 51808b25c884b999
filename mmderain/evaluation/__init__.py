"""Metrics; importing it registers all of them."""

from mmderain.evaluation.metrics import (
    ClipNIQE,
    LumaPSNR,
    LumaSSIM,
    RaindropPSNR,
    RaindropSSIM,
)

__all__ = ['ClipNIQE', 'LumaPSNR', 'LumaSSIM', 'RaindropPSNR', 'RaindropSSIM']
