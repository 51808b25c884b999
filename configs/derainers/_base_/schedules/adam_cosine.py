"""Adam with clipped gradients; a config adds steps and the lowest rate.

The cosine ends with training, since it names no end of its own.
"""

train_cfg = dict(type='ResumableIterTrainLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=1e-3, betas=(0.9, 0.999)),
    clip_grad=dict(max_norm=1.0))
param_scheduler = dict(type='CosineAnnealingLR', by_epoch=False)
auto_scale_lr = dict(enable=False)
