"""J4R-Net, first stage: the single-frame network, on RainSynLight25.

From the slides of the paper's talk: 270,000 patches of 32 pixels, 300 epochs,
rate from 1e-3 to 1e-5, Adam or SGD. Ours: Adam, 64 patches a step, a cosine
between the rates, and an epoch of 270,000 random patches of the set at hand,
since the paper's were cut from images with simulated rain and motion. The set
has no streak layers: the difference of the pair stands in.
"""

_base_ = ['../_base_/default_runtime.py',
          '../_base_/datasets/rainsyn_light25.py',
          '../_base_/schedules/adam_cosine.py']

batch_size = 64
clip_length = 1
crop_size = 32

model = dict(
    type='J4RDerainer',
    # The talk speaks of a two-layer extractor (extractor_blocks=1); the
    # released GRU definition has four blocks.
    generator=dict(
        type='J4RNet', channels=64, extractor_blocks=4, recurrent=False),
    # l_joint and l_removal; the other two terms need the second stage
    pixel_loss=dict(type='MSELoss', loss_weight=1.0),
    streak_loss=dict(type='MSELoss', loss_weight=0.0001),
    streak_truth='pair',
    test_cfg=dict(window=9, stride=9, tile=None))

train_dataloader = dict(batch_size=batch_size)

train_cfg = dict(
    max_iters=300 * 270000 // batch_size, val_interval=20000)
param_scheduler = dict(eta_min=1e-5)
auto_scale_lr = dict(base_batch_size=batch_size)

# the weighted terms are small
log_processor = dict(num_digits=8)
custom_hooks = [dict(type='ValidationPictureHook', sequences=3)]
default_hooks = dict(checkpoint=dict(
    interval=20000, save_best='RainSynLight25/PSNR', rule='greater'))
