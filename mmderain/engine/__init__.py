"""What MMEngine and MMagic lack around a model: runner, loop, hooks, data
order, bfloat16 on every device, files written whole."""

from mmderain.engine.amp import BFloat16OptimWrapper, CPUAmpOptimWrapper
from mmderain.engine.atomic_backend import AtomicBackend
from mmderain.engine.hooks import (
    AttentionPictureHook,
    BroadcastBuffersHook,
    FiniteLossHook,
    FrameWriterHook,
    FreezeHook,
    LoggedRateHook,
    MetricsFileHook,
    ModelDescriptionHook,
    ValidationPictureHook,
)
from mmderain.engine.loops import ResumableIterTrainLoop
from mmderain.engine.runner import DerainRunner
from mmderain.engine.seeded_data import SeededDataset, SeededSampler
from mmderain.engine.separate_ddp import SeparateDistributedDataParallel

__all__ = [
    'AtomicBackend', 'AttentionPictureHook', 'BFloat16OptimWrapper',
    'BroadcastBuffersHook', 'CPUAmpOptimWrapper', 'DerainRunner',
    'FiniteLossHook', 'FrameWriterHook', 'FreezeHook', 'LoggedRateHook',
    'MetricsFileHook', 'ModelDescriptionHook', 'ResumableIterTrainLoop',
    'SeededDataset', 'SeededSampler', 'SeparateDistributedDataParallel',
    'ValidationPictureHook'
]
