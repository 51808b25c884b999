"""RainSynComplex25 where a config has RainSynLight25.

MMEngine allows no setting in two bases: a config that inherits both this and a
config for RainSynLight25 takes these under its own names.
"""

# Set RAINSYN_COMPLEX25_ROOT in the environment to read from another place.
complex25_root = '{{$RAINSYN_COMPLEX25_ROOT:../data/RainSynComplex25}}'
complex25_data = dict(dataset=dict(data_root=complex25_root))
complex25_scores = [
    dict(type='ProtocolScores', protocol='rainsyn', prefix='RainSynComplex25'),
]
complex25_best = dict(checkpoint=dict(save_best='RainSynComplex25/PSNR'))
