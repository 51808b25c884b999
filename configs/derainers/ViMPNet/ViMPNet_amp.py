"""Mixed precision on a GPU (float16); on a CPU: tools/train.py --amp."""

_base_ = 'ViMPNet.py'

optim_wrapper = dict(type='AmpOptimWrapper', loss_scale='dynamic')
