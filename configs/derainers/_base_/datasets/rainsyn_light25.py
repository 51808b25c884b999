"""RainSynLight25: streaks, 190 clips of 9 frames to train; scored on luma."""

_base_ = 'training_clips.py'

# Set RAINSYN_LIGHT25_ROOT in the environment to read from another place.
data_root = '{{$RAINSYN_LIGHT25_ROOT:../data/RainSynLight25}}'
# Our choice, as everything about the training on this set: no method that
# trained on it published how.
clip_length = 5
crop_size = 64

keys = ['img', 'gt']
train_pipeline = [
    dict(type='SampleClip', length='${clip_length}'),
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    dict(type='PairedClipCrop', keys=keys, size='${crop_size}'),
    dict(type='Flip', keys=keys, flip_ratio=0.5, direction='horizontal'),
    dict(type='StackFrames', keys=keys),
    dict(type='PackInputs', keys=['img'], meta_keys=['key']),
]

train_dataloader = dict(
    batch_size=16,
    dataset=dict(
        type='RainSynDataset', data_root=data_root,
        clip_length='${clip_length}', pipeline=train_pipeline))
test_dataloader = dict(
    dataset=dict(
        type='RainSynDataset', data_root=data_root, test_mode=True,
        pipeline=_base_.test_pipeline))
val_dataloader = test_dataloader

# Frames in 8 bits, MATLAB's Y of them, its psnr and ssim; the mean over the
# frames of a sequence, then over the sequences.
val_evaluator = [
    dict(type='ProtocolScores', protocol='rainsyn', prefix='RainSynLight25'),
]
test_evaluator = val_evaluator
