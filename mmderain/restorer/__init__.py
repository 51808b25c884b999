"""Loaded models that turn frames into frames, on any backend."""

from mmderain.restorer.chain import RestorerChain
from mmderain.restorer.choice import STAGES, choose_restorer
from mmderain.restorer.derained_frame import DerainedFrame
from mmderain.restorer.restorer import Restorer
from mmderain.restorer.tile import Tile, said_of_tile

__all__ = ['STAGES', 'DerainedFrame', 'Restorer', 'RestorerChain', 'Tile',
           'choose_restorer', 'said_of_tile']
