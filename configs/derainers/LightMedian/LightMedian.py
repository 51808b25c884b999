"""A network for rain streaks in real time on a CPU.

For one process of 12 clips, in float32. Set LIGHT_MEDIAN_STEPS in the
environment to train longer.
"""

_base_ = ['../_base_/default_runtime.py',
          '../_base_/datasets/aligned_clips.py']

max_iters = int('{{$LIGHT_MEDIAN_STEPS:12000}}')
warm_up = max(1, min(200, max_iters // 4))
interval = max(1, max_iters // 16)

model = dict(
    type='LightMedianDerainer',
    generator=dict(type='LightMedianNet'),
    pixel_loss=dict(type='LogMSELoss', eps=1e-5),
    test_cfg=dict(padding='reflect', tile=None, alignment='quick'))

train_root = '{{$LIGHT_CLIPS_ROOT:../data/light_clips}}'
train_dataloader = dict(batch_size=12, dataset=dict(
    data_root=train_root, alignment='quick'))
train_cfg = dict(
    type='ResumableIterTrainLoop', max_iters=max_iters,
    val_interval=4 * interval)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='AdamW', lr=1e-3, betas=(0.9, 0.99), weight_decay=0),
    clip_grad=dict(max_norm=1.0))
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=1 / warm_up, begin=0,
         end=warm_up),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=warm_up,
         eta_min_ratio=0.01),
]
auto_scale_lr = dict(enable=False, base_batch_size=12)

custom_hooks = [
    dict(type='ValidationPictureHook', sequences=3),
]
default_hooks = dict(
    logger=dict(interval=50),
    checkpoint=dict(
        interval=interval, save_best='HeldOut/PSNR', rule='greater'))
