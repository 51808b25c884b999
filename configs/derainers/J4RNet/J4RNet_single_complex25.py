"""The first stage of J4R-Net on RainSynComplex25."""

_base_ = 'J4RNet_single.py'

# Set RAINSYN_COMPLEX25_ROOT in the environment to read from another place.
data_root = '{{$RAINSYN_COMPLEX25_ROOT:../data/RainSynComplex25}}'
train_dataloader = dict(dataset=dict(data_root=data_root))
val_dataloader = test_dataloader = train_dataloader
val_evaluator = test_evaluator = [
    dict(type='ProtocolScores', protocol='rainsyn', prefix='RainSynComplex25'),
]
default_hooks = dict(checkpoint=dict(save_best='RainSynComplex25/PSNR'))
