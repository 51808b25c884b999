"""The released BRCN-type network, fine-tuned on RainSynLight25. Our choice.

Start it from the authors' weights, converted, by ``--cfg-options
load_from=j4r_brcn.pth``. A low rate, since they are trained already; the
network has no maps, so the restored luma alone is compared. Another set:
``RAINSYN_LIGHT25_ROOT``.
"""

_base_ = 'J4RNet_single.py'

batch_size = 16
clip_length = 9

model = dict(
    generator=dict(_delete_=True, type='J4RReleasedBRCNNet'),
    streak_loss=None,
    test_cfg=dict(window=9, stride=7, tile=None))

train_dataloader = dict(batch_size=batch_size)

train_cfg = dict(max_iters=10000, val_interval=1000)
optim_wrapper = dict(optimizer=dict(lr=1e-4))
param_scheduler = dict(eta_min=1e-6)
auto_scale_lr = dict(base_batch_size=batch_size)
default_hooks = dict(checkpoint=dict(interval=1000))
