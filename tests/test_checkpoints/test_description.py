"""What a file says of itself is looked up and checked, never run."""

import os

import pytest
import torch

from mmderain.checkpoints import describe, load_network
from mmderain.checkpoints.safe_loading import UnsafeCheckpointError
from mmderain.checkpoints.strict_loading import MismatchedCheckpointError
from mmderain.errors import CheckpointError
from mmderain.models import ViMPNet
from tests.test_configs import SMALL as SMALL_NETWORKS

SMALL = SMALL_NETWORKS['ViMPNet']


@pytest.fixture
def save(tmp_path):
    """Writes a checkpoint with a description; returns the path."""
    def write(description, weights=None):
        if weights is None:
            weights = ViMPNet(**SMALL).state_dict()
        path = tmp_path / 'file.pth'
        torch.save({
            'meta': {'mmderain': description} if description else {},
            'state_dict': {f'generator.{name}': value
                           for name, value in weights.items()}}, path)
        return str(path)
    return write


def test_a_described_network_comes_back(save):
    torch.manual_seed(0)
    network = ViMPNet(**SMALL).eval()
    said = describe(dict(type='ViMPNet', **SMALL))
    assert said['method'] == 'vimpnet'
    assert 'spynet_pretrained' not in said['arguments']
    loaded = load_network(save(said, network.state_dict()))
    clip = torch.rand(1, 2, 3, 16, 16)
    with torch.no_grad():
        assert torch.equal(loaded(clip).restored, network(clip).restored)
    assert not loaded.training


def test_methods_that_share_a_class_are_told_apart():
    assert describe(dict(type='EEVRSRNet'))['method'] == 'eevrsr'
    assert describe(dict(type='EEVRSRNet', motion_compensation=False)) == dict(
        method='eevrsr_derain_only',
        arguments=dict(motion_compensation=False))


def test_a_type_that_the_table_lacks_is_not_described():
    assert describe(dict(type='TinyClipNet')) is None


@pytest.mark.parametrize(('description', 'said'), [
    (None, 'does not say which network it holds'),
    ('vimpnet', 'does not say which network it holds'),
    (dict(method='os.system', arguments={}), "no method 'os.system'"),
    (dict(method=['vimpnet'], arguments={}), 'no method'),
    (dict(method='vimpnet', arguments='rm'), 'expected a dict, got str'),
    (dict(method='vimpnet', arguments=dict(type='os.system', command='x')),
     "takes no argument .*'command', 'type'"),
    (dict(method='vimpnet', arguments=dict(mid_channels=dict(
        type='os.system', command='x'))), 'is not a plain argument'),
    (dict(method='vimpnet', arguments=dict(mid_channels=7)),
     'cannot be built with.*mid_channels has to be a multiple of 8')])
def test_a_hostile_or_wrong_description_is_refused(
        save, monkeypatch, description, said):
    monkeypatch.setattr(os, 'system', lambda command: 1 / 0)
    with pytest.raises(CheckpointError, match=f'(?s)file.pth.*{said}'):
        load_network(save(description, {}))


@pytest.mark.parametrize('description', [
    dict(method='x' * 10**6, arguments={}),
    dict(method='vimpnet', arguments={'x' * 10**6: 1}),
    dict(method='vimpnet', arguments={f'x{i}': 1 for i in range(10**4)})])
def test_a_long_description_is_not_told_at_length(save, description):
    with pytest.raises(CheckpointError) as refused:
        load_network(save(description, {}))
    assert len(str(refused.value)) < 2000


def test_a_long_name_of_weights_is_not_told_at_length(save):
    said = describe(dict(type='ViMPNet', **SMALL))
    with pytest.raises(MismatchedCheckpointError, match='unexpected') as error:
        load_network(save(said, {'x' * 10**6: torch.zeros(1)}))
    assert len(str(error.value)) < 2000


def test_weights_of_a_wrapped_model_are_named(tmp_path):
    weights = ViMPNet(**SMALL).state_dict()
    torch.save(dict(
        meta=dict(mmderain=describe(dict(type='ViMPNet', **SMALL))),
        state_dict={f'module.generator.{name}': value
                    for name, value in weights.items()}),
        tmp_path / 'file.pth')
    with pytest.raises(MismatchedCheckpointError,
                       match=r'(?s)file.pth: expected .* begin with '
                             r'generator\., got module\.generator\..*save'):
        load_network(str(tmp_path / 'file.pth'))


def test_weights_of_another_size_are_refused(save):
    with pytest.raises(MismatchedCheckpointError, match='file.pth'):
        load_network(save(dict(method='vimpnet', arguments=dict(
            describe(dict(type='ViMPNet', **SMALL))['arguments'],
            num_blocks=2))))


def test_a_pickle_is_refused_before_it_is_described(tmp_path):
    torch.save({'meta': {'mmderain': os.getcwd}}, tmp_path / 'file.pth')
    with pytest.raises(UnsafeCheckpointError, match='file.pth'):
        load_network(str(tmp_path / 'file.pth'))
