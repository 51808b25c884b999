"""J4R-Net's three networks, as the table of methods has them."""

from mmderain.methods import Method

METHODS = (
    Method(
        name='j4rnet',
        network=f'{__package__}.network.J4RNet',
        derainer=f'{__package__}.derainer.J4RDerainer',
        config='J4RNet/J4RNet.py',
        tiny=dict(channels=4, extractor_blocks=1),
        test_cfg=dict(window=9, stride=9, tile=None),
        bytes_per_pixel=25_000),
    Method(
        name='j4rnet_released_brcn',
        network=f'{__package__}.released_brcn.J4RReleasedBRCNNet',
        derainer=f'{__package__}.derainer.J4RDerainer',
        config='J4RNet/J4RNet_released_brcn.py',
        conversion=f'{__package__}.released_brcn_conversion',
        test_cfg=dict(window=9, stride=7, tile=None),
        bytes_per_pixel=27_000,
        official_order=f'{__package__}.official_order.ORDER'),
    Method(
        name='j4rnet_released_gru',
        network=f'{__package__}.released_gru.J4RReleasedGRUNet',
        derainer=f'{__package__}.derainer.J4RDerainer',
        config='J4RNet/J4RNet.py',
        conversion=f'{__package__}.released_gru_conversion',
        test_cfg=dict(window=9, stride=7, tile=None)),
)
