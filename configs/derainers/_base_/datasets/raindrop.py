"""Raindrop (Qian et al.): crops of 224 pixels, and the official protocol."""

_base_ = 'training_clips.py'

# Set RAINDROP_ROOT in the environment to read from another place.
data_root = '{{$RAINDROP_ROOT:../data/raindrop}}'
# what the linear layers of the published discriminator ask for
crop_size = 224
# difference of a pair, in levels, from which on there is a drop
mask_threshold = 30

keys = ['img', 'gt', 'drop_mask']
# How the mask is made of a pair: see raindrop_mask in
# mmderain/datasets/mask_from_pair.py, whose table has the settings of other
# implementations.
mask = dict(
    type='RaindropMask', threshold='${mask_threshold}', reduction='max',
    morphology=0)
train_pipeline = [
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    mask,
    dict(type='PairedClipCrop', keys=keys, size='${crop_size}'),
    dict(type='Flip', keys=keys, flip_ratio=0.5, direction='horizontal'),
    dict(type='StackFrames', keys=keys),
    dict(type='PackInputs', keys=['img'], meta_keys=['key', 'folder'],
         data_keys=['drop_mask']),
]
test_pipeline = [
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    dict(type='StackFrames', keys=['img', 'gt']),
    dict(type='PackInputs', keys=['img'], meta_keys=['key', 'folder']),
]

train_dataloader = dict(
    batch_size=2,
    dataset=dict(
        type='RaindropDataset', data_root=data_root, split='train',
        pipeline=train_pipeline))
test_dataloader = dict(
    dataset=dict(
        type='RaindropDataset', data_root=data_root, split='test_a',
        pipeline=test_pipeline))
val_dataloader = test_dataloader

# The official protocol: cropped to multiples of 4, on OpenCV's full-range
# luma, SSIM with a uniform window of 7 pixels.
val_evaluator = [
    dict(type='ProtocolScores', protocol='raindrop', prefix='Raindrop'),
]
test_evaluator = val_evaluator
