"""What the Runner refuses, and what it takes over."""

import copy
import logging
from pathlib import Path

import pytest
import torch
from mmengine.config import ConfigDict

from mmderain.checkpoints.safe_loading import (
    UnsafeCheckpointError,
)
from mmderain.checkpoints.strict_loading import MismatchedCheckpointError
from mmderain.engine.config_checks import check_training_config
from mmderain.errors import ConfigError
from tests.tiny import TinyClipNet

from .helpers import assert_equal_weights, make_runner, train, weights


@pytest.fixture
def checkpoint(tmp_path):
    """Writes the tiny network's weights, changed as asked."""
    def write(drop=(), **changes):
        state = {f'generator.{name}': value for name, value
                 in TinyClipNet().state_dict().items() if name not in drop}
        state.update(changes)
        path = tmp_path / 'weights.pth'
        # as much of the state of a training as is looked for
        torch.save({'meta': dict(iter=1, epoch=0), 'message_hub': {},
                    'optimizer': {}, 'state_dict': state}, path)
        return str(path)
    return write


@pytest.mark.parametrize('phase', ['test', 'train', 'resume'])
@pytest.mark.parametrize(('drop', 'changes', 'said'), [
    (['head.bias'], {}, r'missing \(1\): generator.head.bias'),
    ([], {'extra': torch.ones(1)}, r'unexpected \(1\): extra'),
    ([], {'generator.head.bias': torch.ones(3)}, r'\(3,\) instead of \(8,\)')])
def test_a_checkpoint_that_does_not_fit_is_refused(
        tiny_config, checkpoint, phase, drop, changes, said):
    tiny_config.load_from = checkpoint(drop, **changes)
    tiny_config.resume = phase == 'resume'
    runner = make_runner(tiny_config)
    with pytest.raises(MismatchedCheckpointError, match=said):
        getattr(runner, 'test' if phase == 'test' else 'train')()


def test_load_partial_takes_over_what_fits_and_lists_the_rest(
        tiny_config, checkpoint):
    tiny_config.load_from = checkpoint(drop=['head.bias'], extra=torch.ones(1))
    tiny_config.load_partial = True
    runner = make_runner(tiny_config)
    runner.test()
    log = next(Path(runner.log_dir).glob('*.log')).read_text()
    assert 'missing (1): generator.head.bias' in log
    assert 'unexpected (1): extra' in log
    saved = torch.load(tiny_config.load_from)['state_dict']
    assert torch.equal(runner.model.state_dict()['generator.head.weight'],
                       saved['generator.head.weight'])


def test_a_hostile_checkpoint_is_refused_in_a_test(tiny_config, tmp_path):
    path = tmp_path / 'evil.pth'
    torch.save({'state_dict': logging.shutdown}, path)
    tiny_config.load_from = str(path)
    with pytest.raises(UnsafeCheckpointError, match='evil.pth'):
        make_runner(tiny_config).test()


def test_something_else_is_no_checkpoint(tiny_config, tmp_path):
    path = tmp_path / 'tensor.pth'
    torch.save(torch.ones(2), path)
    tiny_config.load_from = str(path)
    with pytest.raises(MismatchedCheckpointError, match='got a Tensor'):
        make_runner(tiny_config).test()


def test_resume_from_a_named_checkpoint(tiny_config):
    first = copy.deepcopy(tiny_config)
    first.work_dir += '_first'
    train(first)
    tiny_config.resume = True
    tiny_config.load_from = f'{first.work_dir}/iter_4.pth'
    train(tiny_config)
    assert_equal_weights(weights(tiny_config, 6), weights(first, 6))


def test_a_config_text_in_a_resumed_checkpoint_is_not_run(
        tiny_config, tmp_path):
    """MMEngine's resume runs `meta['config']` as Python."""
    train(tiny_config)
    path = Path(tiny_config.work_dir) / 'iter_4.pth'
    evil = torch.load(path, weights_only=False)
    trace = tmp_path / 'trace'
    evil['meta']['config'] = f'open({str(trace)!r}, "w").write("ran")'
    torch.save(evil, path)
    tiny_config.resume = True
    tiny_config.load_from = str(path)
    train(tiny_config)
    assert not trace.exists()


def test_a_network_that_the_table_lacks_is_not_described(tiny_config):
    """A description is a name to look up, never a type to build."""
    train(tiny_config)
    saved = torch.load(f'{tiny_config.work_dir}/iter_6.pth',
                       weights_only=False)
    assert 'mmderain' not in saved['meta']


def test_metrics_files_and_pictures_of_a_run(tiny_config):
    train(tiny_config)
    work = Path(tiny_config.work_dir)
    assert (work / 'best_VRDS_PSNR_iter_6.pth').is_file()
    assert sorted(path.name for path in (work / 'pictures').iterdir()) == [
        f'iter_6_00{i}.png' for i in range(3)]
    assert sorted(path.name for path in work.glob('iter_*.pth')) == [
        'iter_2.pth', 'iter_4.pth', 'iter_6.pth']


@pytest.mark.parametrize(('option', 'value', 'fits'), [
    ('default_hooks.checkpoint.interval', 2, 3),
    ('train_cfg.max_iters', 6, 6), ('train_cfg.val_interval', 6, 6)])
def test_intervals_that_accumulation_does_not_divide_are_refused(
        tiny_config, option, value, fits):
    tiny_config.optim_wrapper.accumulative_counts = 3
    tiny_config.merge_from_dict({'default_hooks.checkpoint.interval': 3})
    check_training_config(tiny_config)
    tiny_config.merge_from_dict({option: 7})
    with pytest.raises(ConfigError, match=f'{option}=7 is not a multiple of '
                       'accumulative_counts=3.*\n?.*Make it 9'):
        make_runner(tiny_config).train()


def test_accumulation_of_one_of_two_optimisers_is_seen(tiny_config):
    tiny_config.optim_wrapper = ConfigDict(
        constructor='MultiOptimWrapperConstructor',
        generator=dict(optimizer=dict(type='Adam')),
        discriminator=dict(optimizer=dict(type='Adam'),
                           accumulative_counts=4))
    with pytest.raises(ConfigError, match='accumulative_counts=4'):
        check_training_config(tiny_config)


def test_keeping_a_single_checkpoint_is_refused(tiny_config):
    tiny_config.default_hooks.checkpoint.max_keep_ckpts = 1
    with pytest.raises(ConfigError, match='Keep 2 or more'):
        make_runner(tiny_config).train()


def test_another_sampler_is_refused(tiny_config):
    tiny_config.train_dataloader.sampler.type = 'InfiniteSampler'
    with pytest.raises(ConfigError, match='SeededSampler'):
        make_runner(tiny_config).train()
