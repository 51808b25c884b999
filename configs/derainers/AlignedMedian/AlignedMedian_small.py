"""A network of a tenth for 600 steps: a trial of two minutes on two cores."""

_base_ = 'AlignedMedian.py'

warm_up = 50

model = dict(generator=dict(
    width=24, bottleneck=24, growth=12, dilations=(1, 2, 4, 1), tail=24))
train_cfg = dict(max_iters=600, val_interval=600)
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=1 / warm_up, begin=0,
         end=warm_up),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=warm_up,
         eta_min_ratio=0.01),
]
default_hooks = dict(
    logger=dict(interval=20), checkpoint=dict(interval=200))
