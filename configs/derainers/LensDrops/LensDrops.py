"""The recipe of the shipped weights for drops on the lens.

For two processes of 6 clips each. Set LENS_DROPS_STEPS in the environment to
train longer. One process: ``--cfg-options train_dataloader.batch_size=12``.
"""

_base_ = ['../_base_/default_runtime.py', '../_base_/datasets/lens_clips.py']

max_iters = int('{{$LENS_DROPS_STEPS:2400}}')
warm_up = max(1, min(100, max_iters // 4))
interval = max(1, max_iters // 8)

model = dict(
    type='LensDropDerainer',
    generator=dict(type='LensDropNet'),
    pixel_loss=dict(type='CoverLoss'),
    test_cfg=dict(padding='replicate'))

train_cfg = dict(
    type='ResumableIterTrainLoop', max_iters=max_iters,
    val_interval=4 * interval)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=2e-3, weight_decay=1e-4),
    clip_grad=dict(max_norm=1.0))
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=1 / warm_up, begin=0,
         end=warm_up),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=warm_up,
         eta_min_ratio=0.01),
]
auto_scale_lr = dict(enable=False, base_batch_size=12)

default_hooks = dict(
    logger=dict(interval=50),
    checkpoint=dict(interval=interval, save_best='HeldOut/PSNR',
                    rule='greater'))
