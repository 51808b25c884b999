custom_imports = dict(imports=['mmderain'], allow_failed_imports=False)
default_scope = 'mmagic'
# tools/train.py and tools/test.py always take it; for tools of others
runner_type = 'DerainRunner'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=100),
    logged_rate=dict(type='LoggedRateHook'),
    param_scheduler=dict(type='ParamSchedulerHook'),
    # `atomic`: a checkpoint is on the disk as a whole or not at all
    checkpoint=dict(
        type='CheckpointHook',
        interval=5000,
        by_epoch=False,
        max_keep_ckpts=3,
        backend_args=dict(backend='atomic')),
    # policy='skip' leaves out steps whose loss is not finite, and goes on
    finite_loss=dict(type='FiniteLossHook', policy='stop'),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    description=dict(type='ModelDescriptionHook'))

# A whole sequence is tested on one process while the others may wait for it.
env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl', timeout=86400))

log_level = 'INFO'
log_processor = dict(type='LogProcessor', window_size=100, by_epoch=False)
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='Visualizer', vis_backends=vis_backends)

load_from = None
resume = False
# True: take over what fits of a checkpoint and list the rest
load_partial = False
# Set a seed to repeat a run from its start; a resumed run keeps its own.
randomness = dict(seed=None, diff_rank_seed=False, deterministic=False)
