"""EEVRSR (ICIP 2019)."""

from mmderain.models.networks.eevrsr.network import EEVRSRNet, EEVRSROutput

__all__ = ['EEVRSRNet', 'EEVRSROutput']
