"""NTURain's synthetic test set: 8 sequences that differ in length."""

_base_ = 'whole_clips.py'

# Set NTURAIN_ROOT in the environment to read from another place: the folder
# of Dataset_Testing_Synthetic.
data_root = '{{$NTURAIN_ROOT:../data/NTURain}}'

test_dataloader = dict(
    dataset=dict(
        type='RainSynDataset', data_root=data_root, test_mode=True,
        layout='_Rain/_GT', pipeline=_base_.test_pipeline))

# as for RainSyn, but the mean over all frames
test_evaluator = [
    dict(type='ProtocolScores', protocol='ntu', prefix='NTURain'),
]
