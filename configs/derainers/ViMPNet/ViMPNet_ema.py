"""An exponential moving average of the weights, used for testing."""

_base_ = 'ViMPNet.py'

custom_hooks = [
    *_base_.custom_hooks,
    dict(type='EMAHook', ema_type='ExponentialMovingAverage', momentum=1e-3),
]
