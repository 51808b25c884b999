"""LensDropNet, as the table of methods has it."""

from mmderain.methods import Method

METHODS = (
    Method(
        name='lens_drops',
        network=f'{__package__}.network.LensDropNet',
        derainer=f'{__package__}.derainer.LensDropDerainer',
        config='LensDrops/LensDrops.py',
        tiny=dict(widths=(4, 8)),
        test_cfg=dict(padding='replicate'),
        arrays=f'{__package__}.array_restoration.LensDropArrays',
        bytes_per_pixel=1_000),
)
