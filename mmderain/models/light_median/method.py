"""LightMedian, as the table of methods has it."""

from mmderain.methods import Method

METHODS = (
    Method(
        name='light_median',
        network=f'{__package__}.network.LightMedianNet',
        derainer=f'{__package__}.derainer.LightMedianDerainer',
        config='LightMedian/LightMedian.py',
        tiny=dict(width=4, body=8, dilations=(1, 2)),
        test_cfg=dict(padding='reflect', tile=None, alignment='quick'),
        arrays=f'{__package__}.array_restoration.LightMedianArrays',
        bytes_per_pixel=600),
)
