"""ViMP-Net: rain streaks and raindrops removed from video together."""

from mmderain.models.networks.vimpnet.network import ViMPNet, ViMPNetOutput

__all__ = ['ViMPNet', 'ViMPNetOutput']
