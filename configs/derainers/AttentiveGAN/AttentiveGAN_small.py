"""A small Attentive GAN that learns on two cores, our choice.

Fewer channels and blocks, crops of 64 pixels, no perceptual loss (its file is
large, and so is its cost); the other losses are the paper's. For 2 processes
with 2 crops each.
"""

_base_ = 'AttentiveGAN_no_perceptual.py'

max_iters = 3000

model = dict(
    generator=dict(
        channels=16, attention_channels=16, attention_blocks=2),
    discriminator=dict(
        channels=(8, 8, 16, 16, 16, 16, 16, 16), hidden=64, grid=4))

train_pipeline = _base_.train_pipeline
train_pipeline[3].size = 64
train_dataloader = dict(
    num_workers=1, dataset=dict(pipeline=train_pipeline))

train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=1e-3, betas=(0.9, 0.99))),
    discriminator=dict(optimizer=dict(lr=2e-4)))
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=0.03, begin=0, end=50),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=50,
         T_max=max_iters - 50, eta_min=1e-6),
]
auto_scale_lr = dict(base_batch_size=4)
default_hooks = dict(
    logger=dict(interval=20), checkpoint=dict(interval=200))
