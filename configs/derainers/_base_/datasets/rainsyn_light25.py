"""RainSynLight25: streaks, 190 clips of 9 frames to train; scored on luma."""

# Set RAINSYN_LIGHT25_ROOT in the environment to read from another place.
data_root = '{{$RAINSYN_LIGHT25_ROOT:../data/RainSynLight25}}'
# Our choice, as everything about the training on this set: no method that
# trained on it published how.
clip_length = 5
crop_size = 64

keys = ['img', 'gt']
train_pipeline = [
    dict(type='SampleClip', length=clip_length),
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    dict(type='PairedClipCrop', keys=keys, size=crop_size),
    dict(type='Flip', keys=keys, flip_ratio=0.5, direction='horizontal'),
    dict(type='StackFrames', keys=keys),
    dict(type='PackInputs', keys=['img'], meta_keys=['key']),
]
test_pipeline = [
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    dict(type='StackFrames', keys=keys),
    dict(type='PackInputs', keys=['img'], meta_keys=['key']),
]

train_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='SeededSampler', shuffle=True),
    dataset=dict(
        type='RainSynDataset', data_root=data_root, clip_length=clip_length,
        pipeline=train_pipeline))
# round_up=False: no sequence is tested or written twice
test_dataloader = dict(
    batch_size=1,
    num_workers=1,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type='RainSynDataset', data_root=data_root, test_mode=True,
        pipeline=test_pipeline))
val_dataloader = test_dataloader

# Frames in 8 bits, MATLAB's Y of them, its psnr and ssim; the mean over the
# frames of a sequence, then over the sequences.
val_evaluator = [
    dict(type='ProtocolScores', protocol='rainsyn', prefix='RainSynLight25'),
]
test_evaluator = val_evaluator
val_cfg = dict(type='MultiValLoop')
test_cfg = dict(type='MultiTestLoop')
