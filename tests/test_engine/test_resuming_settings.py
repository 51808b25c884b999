"""A training that is resumed with other settings than it was begun with."""

import copy
from pathlib import Path

import pytest
import torch
from mmengine.config import ConfigDict

from mmderain.engine.same_settings import require_same_batches
from mmderain.errors import ConfigError

from .helpers import train, train_until


@pytest.fixture
def begun(tiny_config):
    """A config of which two steps are done, to be resumed."""
    train_until(copy.deepcopy(tiny_config), 2)
    tiny_config.resume = True
    return tiny_config


@pytest.mark.parametrize(('name', 'value', 'said'), [
    ('lr', 1e-7, 'lr was 0.0001 and is 1e-07'),
    ('betas', (0.8, 0.99), r'betas was \(0.9, 0.99\) and is \(0.8, 0.99\)'),
    ('weight_decay', 0.1, 'weight_decay was 0 and is 0.1'),
    ('type', 'AdamW', 'decoupled_weight_decay was False and is True')])
def test_other_settings_of_the_optimiser_are_named(begun, name, value, said):
    """MMEngine would go on with those of the checkpoint, and not say it."""
    begun.optim_wrapper.optimizer[name] = value
    with pytest.raises(ConfigError, match=f'iter_2.pth: .*{said}.*load_from'):
        train(begun)


@pytest.mark.parametrize('optimizer', [
    dict(type='SGD', lr=1e-4, momentum=0.9), dict(type='RMSprop', lr=1e-4)])
def test_another_optimiser_is_refused(begun, optimizer):
    """It would end in its first step, for what it does not find."""
    begun.optim_wrapper.optimizer = ConfigDict(optimizer)
    with pytest.raises(ConfigError, match='iter_2.pth: .*betas.*load_from'):
        train(begun)


def test_an_optimiser_that_is_set_alike_is_another_one(tiny_config):
    """Its state would be taken for that of the other."""
    first = copy.deepcopy(tiny_config)
    first.optim_wrapper.optimizer.type = 'RAdam'
    train_until(first, 2)
    tiny_config.resume = True
    with pytest.raises(ConfigError, match=(
            'iter_2.pth: .*type was RAdam and is Adam.*load_from')):
        train(tiny_config)


@pytest.mark.parametrize('said', [{}, {'optimizer_kinds': ['Adam']}])
def test_a_checkpoint_that_does_not_say_its_optimiser_goes_on(begun, said):
    path = Path(begun.work_dir) / 'iter_2.pth'
    content = torch.load(path, weights_only=False)
    assert content['meta'].pop('optimizer_kinds') == {'': 'Adam'}
    content['meta'].update(said)
    torch.save(content, path)
    train(begun)


def test_other_groups_of_parameters_are_refused(begun):
    begun.optim_wrapper.pop('paramwise_cfg')
    with pytest.raises(ConfigError, match='iter_2.pth: .*group.*load_from'):
        train(begun)


def test_another_end_of_the_rate_is_refused(begun):
    begun.param_scheduler.eta_min = 5e-5
    with pytest.raises(ConfigError,
                       match='eta_min was 1e-09 and is 5e-05.*load_from'):
        train(begun)


def test_averages_are_not_taken_for_the_weights(tiny_config):
    """They stand where the weights are looked for."""
    first = copy.deepcopy(tiny_config)
    first.default_hooks.ema = dict(type='EMAHook', momentum=0.5)
    train_until(first, 2)
    tiny_config.resume = True
    with pytest.raises(ConfigError, match='iter_2.pth: .*ema.type=EMAHook'):
        train(tiny_config)
    again = copy.deepcopy(first)
    again.resume = True
    train(again)


def test_how_it_computes_may_change(begun):
    begun.optim_wrapper.optimizer.foreach = True
    begun.optim_wrapper.optimizer.betas = [0.9, 0.99]
    train(begun)


def test_another_batch_size_is_refused(begun):
    """The data would go on at another place than they were left at."""
    size = begun.train_dataloader.batch_size
    begun.train_dataloader.batch_size = 3 * size
    with pytest.raises(ConfigError, match=(
            f'iter_2.pth: .*batch_size was {size} in 1 process.* '
            f'and is {3 * size} in 1.*load_from')):
        train(begun)


def test_a_checkpoint_that_does_not_say_its_batch_size_goes_on(begun):
    path = Path(begun.work_dir) / 'iter_2.pth'
    content = torch.load(path, weights_only=False)
    del content['meta']['batch_size']
    torch.save(content, path)
    begun.train_dataloader.batch_size *= 2
    train(begun)


def test_other_processes_may_go_on():
    """With the batch size that each had, or as many samples in all."""
    for processes, size in ((2, 4), (1, 4), (3, 4), (1, 8), (8, 1)):
        require_same_batches((4, 2), (size, processes), 'iter_2.pth')
    for processes, size in ((2, 8), (1, 2), (3, 5)):
        with pytest.raises(ConfigError, match='was 4 in 2 process.* and is '
                           f'{size} in {processes}'):
            require_same_batches((4, 2), (size, processes), 'iter_2.pth')
