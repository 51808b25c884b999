"""What sets to train on share: shuffled clips, and validation like testing."""

_base_ = 'whole_clips.py'

train_dataloader = dict(
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='SeededSampler', shuffle=True))
val_dataloader = _base_.test_dataloader
val_cfg = dict(type='MultiValLoop')
