"""The norm of the gradient limited to 1."""

_base_ = 'ViMPNet.py'

optim_wrapper = dict(clip_grad=dict(max_norm=1.0))
