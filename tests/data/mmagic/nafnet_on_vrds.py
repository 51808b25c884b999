"""MMagic's NAFNet, trained on single frames of our data set.

Clips of one frame, without `StackFrames`: MMagic's `PackInputs` makes images
of them.
"""

custom_imports = dict(imports=['mmderain'], allow_failed_imports=False)
default_scope = 'mmagic'
data_root = '{{$VRDS_ROOT:../data}}'
folders = dict(img='lq', gt='gt')
keys = ['img', 'gt']

model = dict(
    type='BaseEditModel',
    generator=dict(
        type='NAFNet', img_channels=3, mid_channels=4, enc_blk_nums=[1, 1],
        middle_blk_num=1, dec_blk_nums=[1, 1]),
    pixel_loss=dict(type='PSNRLoss'),
    data_preprocessor=dict(
        type='DataPreprocessor', mean=[0., 0., 0.], std=[255., 255., 255.]))

train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        type='VRDSDataset', data_root=data_root, data_prefix=folders,
        pipeline=[
            dict(type='SampleClip', length=1),
            *[dict(type='LoadFrames', key=key) for key in keys],
            dict(type='PairedClipCrop', keys=keys, size=32),
            dict(type='Flip', keys=keys),
            dict(type='PackInputs'),
        ]))
val_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VRDSDataset', data_root=data_root, test_mode=True, max_frames=1,
        pipeline=[
            *[dict(type='LoadFrames', key=key) for key in keys],
            dict(type='PackInputs'),
        ]))
val_evaluator = [dict(type='PSNR'), dict(type='SSIM')]
val_cfg = dict(type='MultiValLoop')
train_cfg = dict(type='IterBasedTrainLoop', max_iters=2, val_interval=2)
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3))
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=1),
    checkpoint=dict(type='CheckpointHook', interval=2, by_epoch=False))
log_processor = dict(type='LogProcessor', by_epoch=False)
