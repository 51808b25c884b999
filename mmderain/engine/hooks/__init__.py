"""Hooks that MMEngine and MMagic lack, one idea a file."""

from mmderain.engine.hooks.attention_picture_hook import AttentionPictureHook
from mmderain.engine.hooks.broadcast_hook import BroadcastBuffersHook
from mmderain.engine.hooks.description_hook import ModelDescriptionHook
from mmderain.engine.hooks.finite_loss_hook import FiniteLossHook
from mmderain.engine.hooks.frame_writer_hook import FrameWriterHook
from mmderain.engine.hooks.freeze_hook import FreezeHook
from mmderain.engine.hooks.logged_rate_hook import LoggedRateHook
from mmderain.engine.hooks.metrics_file_hook import MetricsFileHook
from mmderain.engine.hooks.picture_hook import ValidationPictureHook

__all__ = [
    'AttentionPictureHook', 'BroadcastBuffersHook', 'FiniteLossHook',
    'FrameWriterHook', 'FreezeHook', 'LoggedRateHook', 'MetricsFileHook',
    'ModelDescriptionHook', 'ValidationPictureHook'
]
