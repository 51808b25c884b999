"""Networks, derainers and losses; importing it registers all of them.

What belongs to a method is found by its declaration; see
``mmderain.methods``.
"""

from mmderain.methods import METHODS
from mmderain.models.base import BaseDerainer
from mmderain.models.clip_preprocessor import ClipPreprocessor
from mmderain.models.losses import (
    CoverLoss,
    HighPassMSELoss,
    HoleLoss,
    LogMSELoss,
    MapBCELoss,
    OcclusionLoss,
    VGG16FeatureLoss,
)

COMPONENTS = {component.__name__: component for component in (
    BaseDerainer, ClipPreprocessor, CoverLoss, HighPassMSELoss, HoleLoss,
    LogMSELoss, MapBCELoss, OcclusionLoss, VGG16FeatureLoss,
    *(found for method in METHODS.values() for found in method.classes()))}
