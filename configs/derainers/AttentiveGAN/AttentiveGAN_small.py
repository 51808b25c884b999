"""A small Attentive GAN that learns on two cores, our choice.

Fewer channels and blocks, an output added to the image, crops of 64 pixels,
bfloat16, no perceptual loss (its file is large, and so is its cost), the
logarithm of the squared error. For images of about 120x160 pixels whose rain
is rendered, where a pair differs by drops alone and the mask can be finer. For
2 processes with 8 crops each.
"""

_base_ = 'AttentiveGAN_no_perceptual.py'

crop_size = 64
mask_threshold = 12

model = dict(
    generator=dict(
        channels=16, attention_channels=8, attention_blocks=1, residual=True),
    discriminator=dict(
        channels=(8, 8, 16, 16, 16, 16, 16, 16), hidden=64, grid=4),
    # In decibels, of every image as much: of squared errors a few images with
    # strong drops make nearly all, and pay with the others.
    pixel_loss=dict(_delete_=True, type='LogMSELoss', eps=1e-4),
    # As in training: at a quarter of 64 pixels the outer weights of the widest
    # dilation meet padding alone, so that they are never trained.
    test_cfg=dict(tile=(64, 64), tile_overlap=16))

train_dataloader = dict(batch_size=8, num_workers=1)

train_cfg = dict(max_iters=3000, val_interval=1500)
optim_wrapper = dict(
    generator=dict(
        type='BFloat16OptimWrapper',
        optimizer=dict(lr=1e-3, betas=(0.9, 0.99)),
        clip_grad=dict(max_norm=1.0)),
    discriminator=dict(
        type='BFloat16OptimWrapper', optimizer=dict(lr=2e-4)))
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=0.03, begin=0, end=50),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=50, eta_min=1e-6),
]
auto_scale_lr = dict(base_batch_size=16)
default_hooks = dict(
    logger=dict(interval=50), checkpoint=dict(interval=200))
