"""An MMagic config of one's own that trains our network on our data set.

Everything but the first line and the types is MMagic's and MMEngine's.
"""

custom_imports = dict(imports=['mmderain'], allow_failed_imports=False)
default_scope = 'mmagic'
data_root = '{{$VRDS_ROOT:../data}}'
keys = ['img', 'gt', 'drop', 'drop_mask', 'streak_map']

model = dict(
    type='ViMPDerainer',
    generator=dict(
        type='ViMPNet', mid_channels=8, num_blocks=1, extraction_blocks=1,
        reconstruction_blocks=1, deform_groups=2,
        spynet_channels=(2, 2, 2, 2), encoder_channels=(4, 4, 8),
        transformer_channels=8, transformer_heads=2,
        transformer_ffn_channels=8),
    streak_free_loss=dict(type='CharbonnierLoss'),
    drop_mask_loss=dict(type='MapBCELoss', loss_weight=0.8),
    pixel_loss=dict(type='CharbonnierLoss', loss_weight=1.2),
    hole_loss=dict(type='HoleLoss', loss_weight=0.5),
    streak_map_loss=dict(type='MSELoss', loss_weight=0.5),
    test_cfg=dict(window=3))

train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        type='VRDSDataset', data_root=data_root, clip_length=3,
        pipeline=[
            dict(type='SampleClip', length=3),
            *[dict(type='LoadFrames', key=key) for key in keys[:3]],
            *[dict(type='LoadFrames', key=key, color_type='grayscale')
              for key in keys[3:]],
            dict(type='PairedClipCrop', keys=keys, size=32),
            dict(type='Flip', keys=keys),
            dict(type='StackFrames', keys=keys),
            dict(type='PackInputs', data_keys=keys[2:]),
        ]))
val_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VRDSDataset', data_root=data_root, test_mode=True,
        pipeline=[
            dict(type='LoadFrames', key='img'),
            dict(type='LoadFrames', key='gt'),
            dict(type='StackFrames', keys=['img', 'gt']),
            dict(type='PackInputs'),
        ]))
val_evaluator = [dict(type='PSNR'), dict(type='SSIM')]
val_cfg = dict(type='MultiValLoop')
train_cfg = dict(type='IterBasedTrainLoop', max_iters=2, val_interval=2)
optim_wrapper = dict(optimizer=dict(type='Adam', lr=1e-4))
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=1),
    checkpoint=dict(type='CheckpointHook', interval=2, by_epoch=False))
log_processor = dict(type='LogProcessor', by_epoch=False)
