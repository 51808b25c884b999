"""The de-raining sub-net by itself, without motion compensation.

Our recipe; the released checkpoint of it holds 82,000 steps.
"""

_base_ = 'EEVRSR.py'

model = dict(generator=dict(motion_compensation=False), motion_loss=None)
train_cfg = dict(max_iters=82000)
