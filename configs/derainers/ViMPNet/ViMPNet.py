"""ViMP-Net on VRDS: the official recipe, for 4 GPUs with 1 clip each."""

_base_ = ['../_base_/default_runtime.py', '../_base_/datasets/vrds.py']

model = dict(
    type='ViMPDerainer',
    generator=dict(
        type='ViMPNet',
        mid_channels=64,
        num_blocks=9,
        spynet_pretrained='https://download.openmmlab.com/mmediting/restorers/'
        'basicvsr/spynet_20210409-c6c1bd09.pth'),
    streak_free_loss=dict(type='CharbonnierLoss', loss_weight=1.0),
    drop_mask_loss=dict(type='MapBCELoss', loss_weight=0.8),
    pixel_loss=dict(type='CharbonnierLoss', loss_weight=1.2),
    hole_loss=dict(type='HoleLoss', loss_weight=0.5),
    streak_map_loss=dict(type='MSELoss', loss_weight=0.5),
    # every window of 5 frames, in tiles of 256 pixels that share 32
    test_cfg=dict(window=5, stride=1, tile=(256, 256), tile_overlap=32))

train_cfg = dict(
    type='ResumableIterTrainLoop', max_iters=500000, val_interval=5000)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=1e-4, betas=(0.9, 0.99)),
    paramwise_cfg=dict(custom_keys={'spynet': dict(lr_mult=0.25)}))
# ends with training
param_scheduler = dict(
    type='CosineAnnealingLR', by_epoch=False, eta_min=1e-9)
auto_scale_lr = dict(enable=False, base_batch_size=4)

# SPyNet takes no part in the first optimiser steps.
find_unused_parameters = True
custom_hooks = [
    dict(type='FreezeHook', module='generator.spynet', steps=5000),
    dict(type='ValidationPictureHook', sequences=3),
]
default_hooks = dict(
    checkpoint=dict(interval=5000, save_best='VRDS/PSNR', rule='greater'))
