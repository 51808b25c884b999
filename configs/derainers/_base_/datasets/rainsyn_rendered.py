"""Rain of our own in RainSyn's layout, with the maps of the hybrid model.

``tools/synthesize_rain.py CLEAN OUTPUT --preset rainsyn_complex`` (or
``rainsyn_light``) renders it, once with ``--split train`` and once with
``--split test``.
"""

# Set RAINSYN_RENDERED_ROOT in the environment to read from another place.
data_root = '{{$RAINSYN_RENDERED_ROOT:../data/RainSynRendered}}'
clip_length = 9
crop_size = 32

keys = ['img', 'gt', 'streak_map', 'occlusion_mask']
train_pipeline = [
    dict(type='SampleClip', length=clip_length),
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    dict(type='LoadFrames', key='streak_map', color_type='grayscale'),
    dict(type='LoadFrames', key='occlusion_mask', color_type='grayscale'),
    dict(type='PairedClipCrop', keys=keys, size=crop_size),
    dict(type='Flip', keys=keys, flip_ratio=0.5, direction='horizontal'),
    dict(type='StackFrames', keys=keys),
    dict(type='PackInputs', keys=['img'], meta_keys=['key'],
         data_keys=['streak_map', 'occlusion_mask']),
]
test_pipeline = [
    dict(type='LoadFrames', key='img'),
    dict(type='LoadFrames', key='gt'),
    dict(type='StackFrames', keys=['img', 'gt']),
    dict(type='PackInputs', keys=['img'], meta_keys=['key']),
]

train_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='SeededSampler', shuffle=True),
    dataset=dict(
        type='RainSynDataset', data_root=data_root, clip_length=clip_length,
        data_prefix=dict(
            img='train/input', gt='train/gt', streak_map='train/streak',
            occlusion_mask='train/occlusion'),
        pipeline=train_pipeline))
# round_up=False: no sequence is tested or written twice
test_dataloader = dict(
    batch_size=1,
    num_workers=1,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type='RainSynDataset', data_root=data_root, test_mode=True,
        data_prefix=dict(img='test/input', gt='test/gt'),
        pipeline=test_pipeline))
val_dataloader = test_dataloader

# as for RainSynLight25
val_evaluator = [
    dict(type='ProtocolScores', protocol='rainsyn', prefix='RainSyn'),
]
test_evaluator = val_evaluator
val_cfg = dict(type='MultiValLoop')
test_cfg = dict(type='MultiTestLoop')
