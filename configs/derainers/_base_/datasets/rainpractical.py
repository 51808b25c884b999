"""RainPractical10 or other real clips: no ground truth, for testing."""

# Set RAINPRACTICAL_ROOT in the environment to read from another place: the
# folder of the clips (folders of frames, videos), or a clip itself.
data_root = '{{$RAINPRACTICAL_ROOT:../data/RainPractical10}}'

test_pipeline = [
    dict(type='LoadClip', key='img'),
    dict(type='StackFrames', keys=['img']),
    dict(type='PackInputs', keys=['img'], meta_keys=['key']),
]
# round_up=False: no clip is tested or written twice
test_dataloader = dict(
    batch_size=1,
    num_workers=1,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type='RainPracticalDataset', data_root=data_root,
        pipeline=test_pipeline))
# of every tenth frame, since it takes longer than restoring small ones
test_evaluator = [dict(type='ClipNIQE', prefix='RainPractical', step=10)]
test_cfg = dict(type='MultiTestLoop')
