"""The network of the shipped weights, and the last part of their recipe.

From the checkpoint of AlignedMedian_finetune.py, on its clips: an estimate of
the whole scene joins the network, which starts without effect, and errors down
to 60 dB count. By it the network tells a frame without rain from one with
little, where a moving arm looks like a streak.

For two processes of 3 clips each. Set ALIGNED_MEDIAN_START in the environment
to start from another checkpoint.
"""

_base_ = 'AlignedMedian_finetune.py'

# in one piece, or MMEngine does not see the variable
load_from = '{{$ALIGNED_MEDIAN_START:work_dirs/AlignedMedian_finetune/iter_12800.pth}}'  # noqa: E501
# the estimate of the scene is new to the checkpoint
load_partial = True

model = dict(generator=dict(scene='film'), pixel_loss=dict(eps=1e-6))
optim_wrapper = dict(optimizer=dict(lr=2e-4))
