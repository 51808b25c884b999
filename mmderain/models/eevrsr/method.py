"""EEVRSR, as the table of methods has it."""

from mmderain.methods import Method

METHODS = (
    Method(
        name='eevrsr',
        network=f'{__package__}.network.EEVRSRNet',
        derainer=f'{__package__}.derainer.EEVRSRDerainer',
        config='EEVRSR/EEVRSR.py',
        conversion=f'{__package__}.conversion',
        test_cfg=dict(padding='replicate', tile=None),
        bytes_per_pixel=1_500,
        official_order=f'{__package__}.official_order.ORDER'),
    Method(
        name='eevrsr_derain_only',
        network=f'{__package__}.network.EEVRSRNet',
        derainer=f'{__package__}.derainer.EEVRSRDerainer',
        config='EEVRSR/EEVRSR_derain_only.py',
        conversion=f'{__package__}.conversion',
        arguments=dict(motion_compensation=False),
        test_cfg=dict(padding='replicate', tile=None),
        bytes_per_pixel=1_500),
)
