"""Deraining from Python."""

from mmderain.apis.inferencer import DerainInferencer
from mmderain.jobs.options import DerainOptions, DerainReport

__all__ = ['DerainInferencer', 'DerainOptions', 'DerainReport']
