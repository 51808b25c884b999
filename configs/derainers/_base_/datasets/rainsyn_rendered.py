"""Rain of our own in RainSyn's layout, with the maps of the hybrid model.

``tools/synthesize_rain.py CLEAN OUTPUT --preset rainsyn_complex`` (or
``rainsyn_light``) renders it, once with ``--split train`` and once with
``--split test``.
"""

_base_ = 'training_clips.py'

# Set RAINSYN_RENDERED_ROOT in the environment to read from another place.
data_root = '{{$RAINSYN_RENDERED_ROOT:../data/RainSynRendered}}'
clip_length = 9
crop_size = 32

keys = ['img', 'gt', 'streak_map', 'occlusion_mask']
train_pipeline = [
    dict(type='SampleClip', length='${clip_length}'),
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    dict(type='LoadFrames', key='streak_map', color_type='grayscale'),
    dict(type='LoadFrames', key='occlusion_mask', color_type='grayscale'),
    dict(type='PairedClipCrop', keys=keys, size='${crop_size}'),
    dict(type='Flip', keys=keys, flip_ratio=0.5, direction='horizontal'),
    dict(type='StackFrames', keys=keys),
    dict(type='PackInputs', keys=['img'], meta_keys=['key'],
         data_keys=['streak_map', 'occlusion_mask']),
]

train_dataloader = dict(
    batch_size=16,
    dataset=dict(
        type='RainSynDataset', data_root=data_root,
        clip_length='${clip_length}',
        data_prefix=dict(
            img='train/input', gt='train/gt', streak_map='train/streak',
            occlusion_mask='train/occlusion'),
        pipeline=train_pipeline))
test_dataloader = dict(
    dataset=dict(
        type='RainSynDataset', data_root=data_root, test_mode=True,
        data_prefix=dict(img='test/input', gt='test/gt'),
        pipeline=_base_.test_pipeline))
val_dataloader = test_dataloader

# as for RainSynLight25
val_evaluator = [
    dict(type='ProtocolScores', protocol='rainsyn', prefix='RainSyn'),
]
test_evaluator = val_evaluator
