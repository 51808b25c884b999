"""No way into a checkpoint runs code from it; honest ones load."""

import io
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.logging.history_buffer import HistoryBuffer
from mmengine.runner import checkpoint as mmengine_checkpoint
from mmengine.runner.checkpoint import CheckpointLoader, _load_checkpoint

from mmderain.checkpoints.safe_loading import (
    DamagedCheckpointError,
    UnsafeCheckpointError,
    load_checkpoint_file,
)
from mmderain.errors import CheckpointError


class Calls:
    """Calls something when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.fixture
def payload(tmp_path):
    """Something to call, and the trace that it would leave."""
    trace = tmp_path / 'trace'
    return Calls(os.system, f'touch {trace}'), trace


@pytest.fixture
def training_checkpoint(tmp_path):
    """What MMEngine writes during training, log buffers included."""
    hub = MessageHub('test_safe_loading')
    for step in range(3):
        hub.update_scalar('train/loss', torch.tensor(float(step)))
        hub.update_scalar('train/lr', np.float64(0.1))
    hub.update_info('best_score', np.float32(30))
    path = tmp_path / 'iter_3.pth'
    torch.save({
        'meta': {'iter': 3, 'cfg': 'a = 1', 'time': '2026'},
        'state_dict': {'weight': torch.ones(2)},
        'ema_state_dict': {'steps': torch.tensor(3)},
        'message_hub': hub.state_dict(),
        'optimizer': {'generator': {'state': {}, 'param_groups': []},
                      'discriminator': {'state': {}, 'param_groups': []}},
    }, path)
    return path


def test_a_training_checkpoint_loads(training_checkpoint):
    loaded = _load_checkpoint(str(training_checkpoint), map_location='cpu')
    assert loaded['meta']['iter'] == 3
    buffer = loaded['message_hub']['log_scalars']['train/loss']
    assert isinstance(buffer, HistoryBuffer)
    assert buffer.current() == 2
    assert set(loaded['optimizer']) == {'generator', 'discriminator'}


def test_a_config_text_is_dropped_before_mmengine_could_run_it(tmp_path):
    path = tmp_path / 'iter_1.pth'
    torch.save({'meta': {'config': 'import os', 'cfg': 'a = 1'}}, path)
    assert load_checkpoint_file(path)['meta'] == {'cfg': 'a = 1'}


@pytest.mark.parametrize('protocol', [0, 1, 2, 4])
def test_a_plain_pickle_with_a_call_is_refused(tmp_path, payload, protocol):
    evil, trace = payload
    path = tmp_path / 'evil.pth'
    path.write_bytes(pickle.dumps({'state_dict': evil}, protocol=protocol))
    with pytest.raises(CheckpointError) as error:
        load_checkpoint_file(path)
    assert 'evil.pth' in str(error.value)
    assert not trace.exists()


def test_a_refusal_names_the_file_and_what_was_found(tmp_path, payload):
    evil, trace = payload
    path = tmp_path / 'evil.pth'
    torch.save({'state_dict': evil}, path)
    with pytest.raises(UnsafeCheckpointError, match='evil.pth.*posix.system'):
        load_checkpoint_file(path)
    assert not trace.exists()


def test_unsafe_loading_cannot_be_asked_for(tmp_path, payload, monkeypatch):
    evil, trace = payload
    path = tmp_path / 'evil.pth'
    torch.save(evil, path)
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    with pytest.raises(UnsafeCheckpointError):
        mmengine_checkpoint.torch.load(path, weights_only=False)
    assert not trace.exists()


@pytest.mark.parametrize(('owner', 'name'), [
    (HistoryBuffer, '__init__'), (HistoryBuffer, 'register_statistics'),
    (os, 'system'), (HistoryBuffer, '__globals__')])
def test_getattr_answers_for_the_statistics_of_a_buffer_only(
        tmp_path, owner, name):
    path = tmp_path / 'evil.pth'
    module = Calls(__import__, owner.__name__) if owner is os else owner
    torch.save(Calls(getattr, module, name), path)
    with pytest.raises(UnsafeCheckpointError):
        load_checkpoint_file(path)


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """Downloads copy a local file instead."""
    source = tmp_path / 'download.pth'

    def download(url, target, hash_prefix=None, progress=True):
        if not source.exists():
            raise OSError('no route to host')
        Path(target).write_bytes(source.read_bytes())

    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'hub'))
    monkeypatch.setattr(torch.hub, 'download_url_to_file', download)
    return source


REMOTE = ['https://example.org/model.pth', 'http://example.org/model.pth',
          'torchvision://resnet18', 'modelzoo://resnet18',
          'openmmlab://vgg16_caffe', 'open-mmlab://vgg16_caffe',
          'mmcls://mobilenet_v2']


@pytest.mark.parametrize('url', REMOTE)
def test_every_remote_prefix_is_safe(url, no_network, payload):
    evil, trace = payload
    torch.save({'state_dict': evil}, no_network)
    with pytest.raises(UnsafeCheckpointError):
        CheckpointLoader.load_checkpoint(url, map_location='cpu')
    assert not trace.exists()


def test_an_honest_download_loads_and_is_kept(no_network):
    torch.save({'state_dict': {'a': torch.ones(1)}}, no_network)
    url = 'https://example.org/model.pth'
    assert 'a' in CheckpointLoader.load_checkpoint(url)['state_dict']
    no_network.unlink()
    assert 'a' in CheckpointLoader.load_checkpoint(url)['state_dict']


def test_a_failed_download_says_where_to_put_the_file(no_network, tmp_path):
    place = tmp_path / 'hub' / 'hub' / 'checkpoints' / 'model.pth'
    with pytest.raises(CheckpointError, match=f'put it at\\s*{place}'):
        CheckpointLoader.load_checkpoint('https://example.org/model.pth')


@pytest.mark.parametrize('prefix', ['s3://b/', 'petrel://b/', 'c:s3://b/'])
def test_file_servers_are_safe(prefix, payload, monkeypatch):
    evil, trace = payload

    class Server:

        def get(self, name):
            buffer = io.BytesIO()
            torch.save(evil, buffer)
            return buffer.getvalue()

    monkeypatch.setattr(mmengine_checkpoint, 'get_file_backend',
                        lambda *args, **kwargs: Server())
    with pytest.raises(UnsafeCheckpointError):
        CheckpointLoader.load_checkpoint(f'{prefix}model.pth')
    assert not trace.exists()


def test_mmengine_has_no_prefix_that_this_file_does_not_know():
    assert set(CheckpointLoader._schemes) == {
        '', 'http://', 'https://', 'pavi://', r'(\S+\:)?s3://',
        r'(\S+\:)?petrel://', 'modelzoo://', 'torchvision://',
        'open-mmlab://', 'openmmlab://', 'mmcls://'}


@pytest.mark.parametrize('cut', [0, 10, 200, -100])
def test_a_cut_off_file_is_named(training_checkpoint, cut):
    content = training_checkpoint.read_bytes()
    training_checkpoint.write_bytes(content[:cut])
    with pytest.raises(DamagedCheckpointError, match='iter_3.pth'):
        load_checkpoint_file(training_checkpoint)


def test_a_bit_that_has_turned_over(tmp_path):
    path = tmp_path / 'model.pth'
    torch.save(dict(state_dict=dict(weight=torch.ones(1000))), path)
    data = bytearray(path.read_bytes())
    data[data.index(torch.ones(1000).numpy().tobytes()) + 2002] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedCheckpointError,
                       match=r'model.pth is damaged.*data/0'):
        load_checkpoint_file(path)


def test_a_file_without_checksums_loads(tmp_path):
    path = tmp_path / 'model.pth'
    before = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(dict(weight=torch.ones(3)), path)
    finally:
        torch.serialization.set_crc32_options(before)
    assert load_checkpoint_file(path)['weight'].sum() == 3


@pytest.mark.parametrize(('place', 'content'), [
    (6, b'\xcb'),  # the version that is needed to read it
    (8, b'\xff\xff'),  # how it is encrypted, and other things
    (46, b'\xff\xfe\xfd')])  # its name
def test_a_directory_of_the_archive_that_is_damaged(
        training_checkpoint, tmp_path, place, content):
    data = bytearray(training_checkpoint.read_bytes())
    start = data.index(b'PK\x01\x02') + place
    data[start:start + len(content)] = content
    path = tmp_path / 'damaged.pth'
    path.write_bytes(data)
    try:
        load_checkpoint_file(str(path))
    except CheckpointError as error:
        assert 'damaged.pth' in str(error)


def test_a_web_page_is_no_checkpoint(tmp_path):
    path = tmp_path / 'model.pth'
    path.write_text('<html>not found</html>')
    with pytest.raises(DamagedCheckpointError,
                       match='is not a checkpoint.*convert'):
        load_checkpoint_file(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nothing.pth'):
        load_checkpoint_file(tmp_path / 'nothing.pth')


@pytest.mark.parametrize('imports', [
    'import mmderain; import mmengine.runner',
    'import mmengine.runner; import mmderain',
    'import mmengine; import mmderain; import mmagic.apis',
    'import mmderain; from mmengine.runner import checkpoint; '
    'import importlib; importlib.reload(checkpoint)',
    'from mmengine.config import Config; '
    'Config.fromstring("custom_imports=dict(imports=[\'mmderain\'])", ".py")'
])
def test_whatever_is_imported_first(tmp_path, payload, imports):
    """No import of MMEngine escapes, before or after that of mmderain."""
    evil, trace = payload
    path = tmp_path / 'evil.pth'
    torch.save({'state_dict': evil}, path)
    code = f'''
{imports}
from mmengine.runner.checkpoint import CheckpointLoader, load_url
assert load_url.__module__ == 'mmderain.checkpoints.safe_loading'
try:
    CheckpointLoader.load_checkpoint({str(path)!r})
except Exception as error:
    print(type(error).__name__)
'''
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code], capture_output=True,
        text=True, check=False,
        env=dict(os.environ, TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD='1'))
    assert done.stdout.endswith('UnsafeCheckpointError\n'), done.stderr
    assert not trace.exists()
