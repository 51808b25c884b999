"""Attentive GAN, as the table of methods has it."""

from mmderain.methods import Method

METHODS = (
    Method(
        name='attentive_gan',
        network=f'{__package__}.generator.AttentiveGANGenerator',
        derainer=f'{__package__}.derainer.AttentiveGANDerainer',
        config='AttentiveGAN/AttentiveGAN.py',
        conversion=f'{__package__}.conversion',
        components=(
            f'{__package__}.discriminator.AttentiveGANDiscriminator', ),
        tiny=dict(channels=4, attention_channels=4, attention_blocks=1),
        test_cfg=dict(tile=None),
        official_order=f'{__package__}.official_order.ORDER'),
)
