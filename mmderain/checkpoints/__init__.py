"""Checkpoints: safe loading, strict loading, description, conversion."""

from mmderain.checkpoints.converters import (
    ConversionError,
    convert_file,
    convert_state_dict,
)
from mmderain.checkpoints.description import describe, load_network

__all__ = [
    'ConversionError', 'convert_file', 'convert_state_dict', 'describe',
    'load_network'
]
