"""Deraining from Python."""

from mmderain.apis.derain_options import DerainOptions, DerainReport
from mmderain.apis.inferencer import DerainInferencer

__all__ = ['DerainInferencer', 'DerainOptions', 'DerainReport']
