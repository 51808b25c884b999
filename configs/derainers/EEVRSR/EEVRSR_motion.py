"""First stage: the motion network alone. Our choice, as EEVRSR.py.

A motion network that starts together with the rest learns late: as long as
warped frames are wrong, the rest learns to do without them.
"""

_base_ = 'EEVRSR.py'

model = dict(pixel_loss=None, motion_loss=dict(loss_weight=1.0))

train_cfg = dict(
    _delete_=True, type='ResumableIterTrainLoop', max_iters=20000)
# the rest of the network is not trained here
find_unused_parameters = True

# There is nothing to score: no frame is restored yet.
val_cfg = None
val_dataloader = None
val_evaluator = None
custom_hooks = [dict(type='BroadcastBuffersHook')]
default_hooks = dict(checkpoint=dict(save_best=None))
