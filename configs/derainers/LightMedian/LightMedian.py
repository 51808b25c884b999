"""A network for rain streaks in real time on a CPU.

The schedule of AlignedMedian in float32, for one process of 12 clips.
"""

_base_ = '../AlignedMedian/AlignedMedian.py'

model = dict(
    _delete_=True,
    type='LightMedianDerainer',
    generator=dict(type='LightMedianNet'),
    pixel_loss=dict(type='LogMSELoss', eps=1e-5),
    test_cfg=dict(padding='reflect', tile=None, alignment='quick'))

train_root = '{{$LIGHT_CLIPS_ROOT:../data/light_clips}}'
train_dataloader = dict(batch_size=12, dataset=dict(
    data_root=train_root, alignment='quick'))
optim_wrapper = dict(type='OptimWrapper')
