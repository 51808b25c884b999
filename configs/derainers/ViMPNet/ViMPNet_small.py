"""A small ViMP-Net that learns on two cores: for the demo and first tries.

1.2 M parameters instead of 36.9 M, clips of 3 frames, crops of 64 pixels. The
sizes, the rates and the start of the drop mask are our choice; the losses are
the official ones. For 2 processes with 1 clip each. SPyNet stays at no motion,
where it starts without its file.
"""

_base_ = 'ViMPNet.py'

clip_length = 3
crop_size = 64

model = dict(
    generator=dict(
        mid_channels=32,
        num_blocks=1,
        extraction_blocks=1,
        reconstruction_blocks=1,
        deform_groups=4,
        spynet_channels=(8, 16, 8, 4),
        spynet_pretrained=None,
        encoder_channels=(16, 32, 64),
        transformer_channels=64,
        transformer_ffn_channels=128,
        # Most pixels lie outside of drops; 0.5 everywhere makes the first
        # steps unstable.
        drop_mask_bias=-2.5),
    # Test windows are as long as the training clips: a network trained on 3
    # frames is much worse on 5. Whole frames, since they are small.
    test_cfg=dict(window=clip_length, stride=1, tile=None))

train_dataloader = dict(num_workers=1)
val_dataloader = dict(dataset=dict(max_frames=clip_length))

train_cfg = dict(max_iters=700, val_interval=700)
optim_wrapper = dict(
    optimizer=dict(lr=2e-3), clip_grad=dict(max_norm=1.0))
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=0.03, begin=0, end=30),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=30, eta_min=1e-6),
]
auto_scale_lr = dict(base_batch_size=2)
custom_hooks = [
    dict(type='FreezeHook', module='generator.spynet', steps=None),
    dict(type='ValidationPictureHook', sequences=3),
]
default_hooks = dict(
    logger=dict(interval=20), checkpoint=dict(interval=100))
