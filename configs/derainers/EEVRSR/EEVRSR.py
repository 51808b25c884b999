"""EEVRSR on RainSynLight25, both parts together.

The recipe is our choice, since none was published; what is known of the
official training is its optimiser (Adam) and the number of its steps, which
the released checkpoint holds: 112,000. Start from EEVRSR_motion.py by
``--cfg-options load_from=work_dirs/EEVRSR_motion/iter_20000.pth``.
"""

_base_ = ['../_base_/default_runtime.py',
          '../_base_/datasets/rainsyn_light25.py',
          '../_base_/schedules/adam_cosine.py']

model = dict(
    type='EEVRSRDerainer',
    generator=dict(type='EEVRSRNet', motion_compensation=True),
    pixel_loss=dict(type='MSELoss', loss_weight=1.0),
    # enough to keep the frames aligned; the restored frame decides
    motion_loss=dict(type='MSELoss', loss_weight=0.1),
    test_cfg=dict(padding='replicate', tile=None))

train_cfg = dict(max_iters=112000, val_interval=4000)
param_scheduler = dict(eta_min=1e-6)
auto_scale_lr = dict(base_batch_size=16)

custom_hooks = [
    dict(type='BroadcastBuffersHook'),
    dict(type='ValidationPictureHook', sequences=3),
]
default_hooks = dict(checkpoint=dict(
    interval=4000, save_best='RainSynLight25/PSNR', rule='greater'))
