"""ViMP-Net, as the table of methods has it."""

from mmderain.methods import Method

METHODS = (
    Method(
        name='vimpnet',
        network=f'{__package__}.network.ViMPNet',
        derainer=f'{__package__}.derainer.ViMPDerainer',
        config='ViMPNet/ViMPNet.py',
        conversion=f'{__package__}.conversion',
        tiny=dict(
            mid_channels=8, num_blocks=1, extraction_blocks=1,
            reconstruction_blocks=1, deform_groups=2,
            spynet_channels=(2, 2, 2, 2), spynet_pretrained=None,
            encoder_channels=(4, 4, 8), transformer_channels=8,
            transformer_heads=2, transformer_ffn_channels=8),
        test_cfg=dict(window=5, stride=1, tile=(256, 256),
                      tile_overlap=32),
        any_size=False,
        official_order=f'{__package__}.official_order.ORDER',
        bytes_per_pixel=6_000),
)
