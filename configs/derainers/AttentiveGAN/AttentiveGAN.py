"""Attentive GAN on Raindrop: the paper's networks and losses.

The authors published no schedule. Batch and epochs (200 of 861 pairs) are
those of the reimplementation by shleecs, the learning rate is that of
MaybeShewill's; crops, cosine and the limit of the gradient are our choice.
For 1 GPU with 2 crops.
"""

_base_ = ['../_base_/default_runtime.py', '../_base_/datasets/raindrop.py']

model = dict(
    type='AttentiveGANDerainer',
    generator=dict(type='AttentiveGANGenerator', attention_steps=4),
    discriminator=dict(type='AttentiveGANDiscriminator'),
    attention_loss=dict(type='MSELoss'),
    attention_decay=0.8,
    pixel_loss=dict(type='MSELoss'),
    scale_weights=(0.6, 0.8, 1.0),
    perceptual_loss=dict(type='VGG16FeatureLoss'),
    gan_loss=dict(type='GANLoss', gan_type='vanilla', loss_weight=0.01),
    map_loss=dict(type='MSELoss', loss_weight=0.05),
    # whole images; tile=(640, 640), tile_overlap=128 for very large ones
    test_cfg=dict(tile=None))

train_cfg = dict(
    type='ResumableIterTrainLoop', max_iters=86000, val_interval=5000)
# The attention's gradient is 10 times the autoencoder's, with outliers of 50
# and more: a lower limit would take the outliers out of the one, and most of
# the learning out of the other.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    generator=dict(
        type='OptimWrapper',
        optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.99)),
        clip_grad=dict(max_norm=10.0)),
    discriminator=dict(
        type='OptimWrapper',
        optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.99)),
        clip_grad=dict(max_norm=1.0)))
# ends with training
param_scheduler = dict(
    type='CosineAnnealingLR', by_epoch=False, eta_min=1e-6)
auto_scale_lr = dict(enable=False, base_batch_size=2)
# the two networks are distributed one by one
model_wrapper_cfg = dict(type='mmagic.SeparateDistributedDataParallel')

custom_hooks = [
    dict(type='ValidationPictureHook', sequences=3),
    dict(type='AttentionPictureHook', images=3),
]
default_hooks = dict(
    checkpoint=dict(interval=5000, save_best='Raindrop/PSNR', rule='greater'))
