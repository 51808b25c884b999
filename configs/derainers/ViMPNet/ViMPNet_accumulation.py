"""One GPU instead of four: gradients of 4 iterations to a step."""

_base_ = 'ViMPNet.py'

# Every number of iterations is 4 times as large for the same optimiser steps.
optim_wrapper = dict(accumulative_counts=4)
train_cfg = dict(max_iters=2000000, val_interval=20000)
default_hooks = dict(checkpoint=dict(interval=20000))
