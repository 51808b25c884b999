"""J4R-Net, second stage: the whole network, on RainSynLight25.

Start it from the first stage, J4RNet_single.py, by ``--cfg-options
load_from=work_dirs/J4RNet_single/iter_1265625.pth load_partial=True``; the log
names the parts that start anew.

From the slides of the paper's talk: clips of 9 frames of 32 pixels, 20,000 to
30,000 of them, 120 epochs, rate from 1e-3 to 1e-5, and the weights of the four
losses. Ours: 16 clips a step, 25,000 clips an epoch. The set has no streak
layers and no occlusion maps: both are derived from the pair.
"""

_base_ = 'J4RNet_single.py'

batch_size = 16
clip_length = 9

model = dict(
    generator=dict(recurrent=True),
    occlusion_loss=dict(type='OcclusionLoss', loss_weight=0.001),
    detail_loss=dict(type='HighPassMSELoss', loss_weight=0.0001),
    occlusion_truth='pair')

train_dataloader = dict(batch_size=batch_size)

train_cfg = dict(
    max_iters=120 * 25000 // batch_size, val_interval=5000)
auto_scale_lr = dict(base_batch_size=batch_size)
default_hooks = dict(checkpoint=dict(interval=5000))
