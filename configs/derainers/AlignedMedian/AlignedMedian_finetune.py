"""The second part of the recipe of the shipped weights.

From the checkpoint of AlignedMedian.py, on other clips: a fifth of them
without rain, of the others more in heavy rain (finetuning_clips.json). Crops
are larger, so that less of them is near a border, and errors down to 55 dB
count: video without rain has to stay as it is. A network that starts from
nothing learns worse that way, since clips without rain then take up most of
the gradient.

For two processes of 3 clips each. Set ALIGNED_MEDIAN_START in the environment
to start from another checkpoint.
"""

_base_ = 'AlignedMedian.py'

load_from = '{{$ALIGNED_MEDIAN_START:work_dirs/AlignedMedian/iter_12800.pth}}'

crop_size = 136

model = dict(pixel_loss=dict(eps=3e-6))
train_dataloader = dict(batch_size=3)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
auto_scale_lr = dict(enable=False, base_batch_size=6)
