"""Checkpoints: safe loading, strict loading, description, conversion."""

from mmderain.checkpoints.conversion import convert_file, convert_state_dict
from mmderain.checkpoints.description import describe, load_network
from mmderain.checkpoints.rules import ConversionError

__all__ = [
    'ConversionError', 'convert_file', 'convert_state_dict', 'describe',
    'load_network'
]
