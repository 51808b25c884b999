"""ResidualCNN, as the table of methods has it."""

from mmderain.methods import Method

METHODS = (
    Method(
        name='residual_cnn',
        network=f'{__package__}.network.ResidualCNN',
        derainer=f'{__package__}.derainer.ResidualCNNDerainer',
        config='ResidualCNN/ResidualCNN.py',
        tiny=dict(channels=4, blocks=1),
        test_cfg=dict(window=5, stride=3, tile=None),
        bytes_per_pixel=6_000),
)
