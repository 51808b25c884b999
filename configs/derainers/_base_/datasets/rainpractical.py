"""RainPractical10 or other real clips: no ground truth, for testing."""

_base_ = 'whole_clips.py'

# Set RAINPRACTICAL_ROOT in the environment to read from another place: the
# folder of the clips (folders of frames, videos), or a clip itself.
data_root = '{{$RAINPRACTICAL_ROOT:../data/RainPractical10}}'

test_pipeline = [
    dict(type='LoadClip', key='img'),
    dict(type='StackFrames', keys=['img']),
    dict(type='PackInputs', keys=['img'], meta_keys=['key']),
]
test_dataloader = dict(
    dataset=dict(
        type='RainPracticalDataset', data_root=data_root,
        pipeline=test_pipeline))
# of every tenth frame, since it takes longer than restoring small ones
test_evaluator = [dict(type='ClipNIQE', prefix='RainPractical', step=10)]
