"""Losses that MMagic lacks."""

from mmderain.models.losses.frame_losses import HighPassMSELoss, LogMSELoss
from mmderain.models.losses.map_losses import (
    CoverLoss,
    HoleLoss,
    MapBCELoss,
    OcclusionLoss,
)
from mmderain.models.losses.perceptual_loss import VGG16FeatureLoss

__all__ = ['CoverLoss', 'HighPassMSELoss', 'HoleLoss', 'LogMSELoss',
           'MapBCELoss', 'OcclusionLoss', 'VGG16FeatureLoss']
