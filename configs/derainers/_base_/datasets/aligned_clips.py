"""Rendered clips, aligned before training; tests on a set in RainSyn's layout.

``mmderain align-clips FOLDER`` prepares the training clips.
"""

# Set these in the environment to read from other places.
train_root = '{{$ALIGNED_CLIPS_ROOT:../data/aligned_clips}}'
held_out_root = '{{$HELD_OUT_ROOT:../data/held_out}}'
crop_size = 96

test_pipeline = [
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    dict(type='StackFrames', keys=['img', 'gt']),
    dict(type='PackInputs', keys=['img'], meta_keys=['key']),
]

# clips whose rainy frame has less than 13.5 dB are left out
train_dataloader = dict(
    batch_size=6,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='SeededSampler', shuffle=True),
    dataset=dict(
        type='AlignedClipsDataset', data_root=train_root,
        crop_size='${crop_size}', augment=True, min_psnr=13.5))
# round_up=False: no sequence is tested or written twice
test_dataloader = dict(
    batch_size=1,
    num_workers=1,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type='RainSynDataset', data_root=held_out_root, test_mode=True,
        pipeline=test_pipeline))
val_dataloader = test_dataloader

# as for RainSynLight25
val_evaluator = [
    dict(type='ProtocolScores', protocol='rainsyn', prefix='HeldOut'),
]
test_evaluator = val_evaluator
val_cfg = dict(type='MultiValLoop')
test_cfg = dict(type='MultiTestLoop')
