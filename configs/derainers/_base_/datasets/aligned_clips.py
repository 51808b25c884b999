"""Rendered clips, aligned before training; tests on a set in RainSyn's layout.

``mmderain align-clips FOLDER`` prepares the training clips.
"""

_base_ = 'whole_clips.py'

# Set these in the environment to read from other places.
train_root = '{{$ALIGNED_CLIPS_ROOT:../data/aligned_clips}}'
held_out_root = '{{$HELD_OUT_ROOT:../data/held_out}}'
crop_size = 96

# clips whose rainy frame has less than 13.5 dB are left out
train_dataloader = dict(
    batch_size=6,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='SeededSampler', shuffle=True),
    dataset=dict(
        type='AlignedClipsDataset', data_root=train_root,
        crop_size='${crop_size}', augment=True, min_psnr=13.5))
held_out = dict(
    type='RainSynDataset', data_root=held_out_root, test_mode=True,
    pipeline=_base_.test_pipeline)
test_dataloader = dict(dataset=held_out)
val_dataloader = dict(**_base_.test_dataloader, dataset=held_out)

# as for RainSynLight25
val_evaluator = [
    dict(type='ProtocolScores', protocol='rainsyn', prefix='HeldOut'),
]
test_evaluator = val_evaluator
val_cfg = dict(type='MultiValLoop')
