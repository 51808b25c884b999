"""A part after the last one of the shipped weights: real footage.

From the network of AlignedMedian_shipped.py, on clips of which half show
real footage and many something that is no rain but looks like it
(footage_clips.json, and ``mmderain render-clips --footage``). In float32,
which is faster than bfloat16 on processors without AMX.

For one process of 6 clips. Set ALIGNED_MEDIAN_START in the environment to
start from another checkpoint.
"""

_base_ = 'AlignedMedian_shipped.py'

# in one piece, or MMEngine does not see the variable
load_from = '{{$ALIGNED_MEDIAN_START:work_dirs/AlignedMedian_shipped/iter_4000.pth}}'  # noqa: E501
load_partial = False

train_dataloader = dict(batch_size=6)
optim_wrapper = dict(
    _delete_=True,
    type='OptimWrapper',
    optimizer=dict(
        type='AdamW', lr=2e-4, betas=(0.9, 0.99), weight_decay=0),
    clip_grad=dict(max_norm=1.0))
