"""Checkpoints as safetensors: read as those of PyTorch are, and written."""

import json
import sys
from io import BytesIO

import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader
from safetensors import safe_open
from safetensors.torch import save_file

from mmderain.checkpoints.description import load_network
from mmderain.checkpoints.safe_loading import (
    DamagedCheckpointError,
    load_checkpoint_file,
)
from mmderain.checkpoints.safetensors_file import checkpoint_content
from mmderain.errors import CheckpointError, PackagesError
from tests.helpers.videos import write_checkpoint


@pytest.fixture
def pth(tmp_path):
    return write_checkpoint(tmp_path / 'a.pth', 'eevrsr_derain_only')


@pytest.fixture
def file(pth):
    """The same checkpoint as safetensors."""
    content = load_checkpoint_file(pth)
    path = pth.with_suffix('.safetensors')
    path.write_bytes(checkpoint_content(
        path, content['meta']['mmderain'], content['state_dict']))
    return path


def test_it_is_what_the_file_of_pytorch_is(pth, file):
    ours, theirs = map(load_checkpoint_file, (file, pth))
    assert ours['meta'] == {'mmderain': theirs['meta']['mmderain']}
    assert ours['state_dict'].keys() == theirs['state_dict'].keys()
    for name, value in theirs['state_dict'].items():
        assert torch.equal(ours['state_dict'][name], value)
    assert type(load_network(str(file))) is type(load_network(str(pth)))


def test_others_read_it(file):
    with safe_open(file, 'pt') as opened:
        assert json.loads(opened.metadata()['mmderain'])['method'] == (
            'eevrsr_derain_only')
        names = opened.keys()
        assert all(name.startswith('generator.') for name in names)


def test_weights_that_share_memory(tmp_path):
    shared = torch.ones(2, 3)
    content = checkpoint_content(tmp_path / 'a.safetensors', {}, dict(
        a=shared, b=shared, c=shared.T))
    found = load_checkpoint_file(BytesIO(content))['state_dict']
    assert torch.equal(found['c'], shared.T) and len(found) == 3


def test_a_name_without_that_suffix_is_a_file_of_pytorch(pth, tmp_path):
    content = checkpoint_content(tmp_path / 'b.pth', dict(method='x'),
                                 dict(a=torch.ones(2)))
    found = load_checkpoint_file(BytesIO(content))
    assert found['meta'] == dict(mmderain=dict(method='x'))


def test_by_way_of_mmengine_and_to_a_device(file):
    loaded = CheckpointLoader.load_checkpoint(str(file), map_location='cpu')
    assert loaded['state_dict']
    nowhere = load_checkpoint_file(file, map_location='meta')
    assert all(value.is_meta for value in nowhere['state_dict'].values())


def test_one_of_somebody_else_says_nothing_of_its_network(tmp_path):
    path = tmp_path / 'a.safetensors'
    save_file({'generator.a': torch.ones(2)}, path, {'format': 'pt'})
    assert load_checkpoint_file(path)['meta'] == {}
    with pytest.raises(CheckpointError, match='does not say which network'):
        load_network(str(path))


@pytest.mark.parametrize('said', ['{', '[1]', '1', '"a"'])
def test_a_description_that_is_none(tmp_path, said):
    path = tmp_path / 'a.safetensors'
    save_file({'generator.a': torch.ones(2)}, path, {'mmderain': said})
    with pytest.raises(CheckpointError):
        load_network(str(path))


@pytest.mark.parametrize('change', [
    lambda content: content[:-4], lambda content: content[:100],
    lambda content: b'\xff' * 8 + content[8:],
    lambda content: content[:20] + b'\0' + content[21:]])
def test_a_damaged_file_is_named(file, change):
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(DamagedCheckpointError,
                       match='a.safetensors.*incomplete or damaged'):
        load_checkpoint_file(file)


def test_without_the_package_it_is_named(file, monkeypatch):
    monkeypatch.setitem(sys.modules, 'safetensors', None)
    monkeypatch.setattr('mmderain.packages.is_there',
                        lambda name: name != 'safetensors')
    with pytest.raises(PackagesError, match='pip install .mmderain.train'):
        load_checkpoint_file(file)
