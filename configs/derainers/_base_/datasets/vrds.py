"""VRDS, as the official ViMP-Net reads it: clips of 5 frames, 256 pixels."""

_base_ = 'training_clips.py'

# The official place. Set VRDS_ROOT in the environment to read from another.
data_root = '{{$VRDS_ROOT:../data}}'
clip_length = 5
crop_size = 256

keys = ['img', 'gt', 'drop', 'drop_mask', 'streak_map']
train_pipeline = [
    dict(type='SampleClip', length='${clip_length}'),
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    dict(type='LoadFrames', key='drop'),
    dict(type='LoadFrames', key='drop_mask', color_type='grayscale'),
    dict(type='LoadFrames', key='streak_map', color_type='grayscale'),
    dict(type='PairedClipCrop', keys=keys, size='${crop_size}'),
    dict(type='Flip', keys=keys, flip_ratio=0.5, direction='horizontal'),
    dict(type='Flip', keys=keys, flip_ratio=0.5, direction='vertical'),
    dict(type='RandomTransposeHW', keys=keys, transpose_ratio=0.5),
    dict(type='StackFrames', keys=keys),
    dict(type='PackInputs', keys=['img'], meta_keys=['key'],
         data_keys=['drop', 'drop_mask', 'streak_map']),
]

train_dataloader = dict(
    batch_size=1,
    num_workers=5,
    dataset=dict(
        type='VRDSDataset', data_root=data_root,
        clip_length='${clip_length}', pipeline=train_pipeline))
test_dataloader = dict(
    dataset=dict(
        type='VRDSDataset', data_root=data_root, test_mode=True,
        pipeline=_base_.test_pipeline))
# Our choice: the first frames of each test sequence, to keep it short.
val_dataloader = dict(
    dataset=dict(
        type='VRDSDataset', data_root=data_root, test_mode=True,
        max_frames=5, pipeline=_base_.test_pipeline))

# RGB, whole frames, mean over frames and then over sequences, as the official
# metrics/cal-iqa.py. Frames are rounded to 8 bits before they are scored.
val_evaluator = [
    dict(type='ProtocolScores', protocol='vrds', prefix='VRDS'),
]
test_evaluator = val_evaluator
