"""Metrics; importing it registers all of them."""

from mmderain.evaluation.metrics import ClipNIQE

__all__ = ['ClipNIQE']
