"""Attentive GAN: raindrops removed from one image."""

from mmderain.models.networks.attentive_gan.discriminator import (
    AttentiveGANDiscriminator,
    AttentiveGANDiscriminatorOutput,
)
from mmderain.models.networks.attentive_gan.generator import (
    AttentiveGANGenerator,
    AttentiveGANOutput,
)

__all__ = [
    'AttentiveGANDiscriminator', 'AttentiveGANDiscriminatorOutput',
    'AttentiveGANGenerator', 'AttentiveGANOutput'
]
