"""A small J4R-Net that learns on two cores: the first stage, on rendered rain.

32 channels and two blocks instead of 64 and four, and few steps, our choice
as the number of patches a step: 2 processes with 32 each. Streaks and their
truth come from the rendered set, see docs/synthesis.md.
"""

_base_ = ['../_base_/default_runtime.py',
          '../_base_/datasets/rainsyn_rendered.py',
          '../_base_/schedules/adam_cosine.py']

clip_length = 1

model = dict(
    type='J4RDerainer',
    generator=dict(
        type='J4RNet', channels=32, extractor_blocks=2, recurrent=False),
    pixel_loss=dict(type='MSELoss', loss_weight=1.0),
    streak_loss=dict(type='MSELoss', loss_weight=0.0001),
    streak_truth='data',
    test_cfg=dict(window=9, stride=9, tile=None))

train_dataloader = dict(batch_size=32, num_workers=1)

train_cfg = dict(max_iters=1200, val_interval=1200)
param_scheduler = dict(eta_min=1e-5)
auto_scale_lr = dict(base_batch_size=64)

# the weighted terms are small
log_processor = dict(num_digits=8)
custom_hooks = [dict(type='ValidationPictureHook', sequences=3)]
default_hooks = dict(
    logger=dict(interval=20), checkpoint=dict(interval=200))
