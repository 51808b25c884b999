"""A small J4R-Net: the second stage. For 2 processes with 4 clips each.

Start it from the first by ``--cfg-options
load_from=work_dirs/J4RNet_single_small/iter_1200.pth load_partial=True``.
"""

_base_ = 'J4RNet_single_small.py'

max_iters = 600

model = dict(
    generator=dict(recurrent=True),
    occlusion_loss=dict(type='OcclusionLoss', loss_weight=0.001),
    detail_loss=dict(type='HighPassMSELoss', loss_weight=0.0001),
    occlusion_truth='data')

train_pipeline = _base_.train_pipeline
train_pipeline[0].length = 9
train_dataloader = dict(
    batch_size=4, dataset=dict(clip_length=9, pipeline=train_pipeline))

train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
param_scheduler = dict(T_max=max_iters)
auto_scale_lr = dict(base_batch_size=8)
