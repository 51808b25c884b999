"""EEVRSR on real clips without ground truth, for testing alone."""

_base_ = ['../_base_/default_runtime.py',
          '../_base_/datasets/rainpractical.py']

model = dict(
    type='EEVRSRDerainer',
    generator=dict(type='EEVRSRNet', motion_compensation=True),
    pixel_loss=dict(type='MSELoss', loss_weight=1.0),
    test_cfg=dict(padding='replicate', tile=None))
