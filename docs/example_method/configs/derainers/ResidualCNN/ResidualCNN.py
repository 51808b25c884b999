"""ResidualCNN on RainSynLight25."""

_base_ = ['../_base_/default_runtime.py',
          '../_base_/datasets/rainsyn_light25.py',
          '../_base_/schedules/adam_cosine.py']

max_iters = 20000

model = dict(
    type='ResidualCNNDerainer',
    generator=dict(type='ResidualCNN'),
    pixel_loss=dict(type='MSELoss'),
    test_cfg=dict(window=5, stride=3, tile=None))

train_cfg = dict(max_iters=max_iters, val_interval=4000)
param_scheduler = dict(T_max=max_iters, eta_min=1e-6)
auto_scale_lr = dict(base_batch_size=16)
default_hooks = dict(checkpoint=dict(interval=4000))
