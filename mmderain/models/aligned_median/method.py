"""AlignedMedian as the table of methods has it."""

from mmderain.methods import Method

METHODS = (
    Method(
        name='aligned_median',
        network=f'{__package__}.network.AlignedMedianNet',
        derainer=f'{__package__}.derainer.AlignedMedianDerainer',
        config='AlignedMedian/AlignedMedian_shipped.py',
        tiny=dict(width=8, bottleneck=8, growth=4, dilations=(1, 2), tail=8,
                  median_pretrained=None),
        test_cfg=dict(padding='reflect', tile=None),
        arrays=f'{__package__}.array_restoration.AlignedMedianArrays',
        bytes_per_pixel=2_000,
        bfloat16=True),
)
