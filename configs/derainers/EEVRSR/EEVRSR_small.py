"""EEVRSR in 15 minutes on two cores. The network is small anyway.

Our choice: both parts at once from the start, for 2 processes with 4 clips
each.
"""

_base_ = 'EEVRSR.py'

train_dataloader = dict(batch_size=4, num_workers=1)
train_cfg = dict(max_iters=1800, val_interval=1800)
auto_scale_lr = dict(base_batch_size=8)
default_hooks = dict(
    logger=dict(interval=20), checkpoint=dict(interval=300))
