"""How every set is tested: whole sequences, one at a time."""

# of rainy and clean frames; sets without clean ones have another
test_pipeline = [
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    dict(type='StackFrames', keys=['img', 'gt']),
    dict(type='PackInputs', keys=['img'], meta_keys=['key']),
]
# round_up=False: no sequence is tested or written twice
test_dataloader = dict(
    batch_size=1,
    num_workers=1,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False))
test_cfg = dict(type='MultiTestLoop')
