"""A small J4R-Net: the second stage. For 2 processes with 4 clips each.

Start it from the first by ``--cfg-options
load_from=work_dirs/J4RNet_single_small/iter_1200.pth load_partial=True``.
"""

_base_ = 'J4RNet_single_small.py'

clip_length = 9

model = dict(
    generator=dict(recurrent=True),
    occlusion_loss=dict(type='OcclusionLoss', loss_weight=0.001),
    detail_loss=dict(type='HighPassMSELoss', loss_weight=0.0001),
    occlusion_truth='data')

train_dataloader = dict(batch_size=4)

train_cfg = dict(max_iters=600, val_interval=600)
auto_scale_lr = dict(base_batch_size=8)
