"""Which backend restores by shipped weights."""

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mmderain import backends
from mmderain.backends import choice, machine, trials
from mmderain.backends.choice import NetworkFiles, choose_backend
from mmderain.backends.trial_clip import trial_clip
from mmderain.errors import PackagesError, UserError
from mmderain.models.judged_frame import JudgedFrame
from mmderain.restorer import Restorer, choose_restorer
from mmderain.weights import SHIPPED
from tests.helpers.lean import TRAIN, hidden
from tests.helpers.videos import pictures, write_video
from tests.tiny import ROOT

BOTH = ('torch', 'onnxruntime')


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Of shipped weights, without looking into them."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    monkeypatch.setattr(choice, 'may_have_gpu', lambda: False)
    monkeypatch.setattr(trials, 'time', SimpleNamespace(
        perf_counter=lambda: Loaded.clock))
    for suffix in ('pth', 'onnx'):
        (tmp_path / f'a.{suffix}').write_text('')

    def made(settings=None, device=None, dtype='auto', method=None):
        return NetworkFiles(
            dict(zip(BOTH, (tmp_path / 'a.pth', tmp_path / 'a.onnx'),
                     strict=True)),
            method or 'aligned_median', settings or {}, device, dtype)
    return made


class Loaded:
    """As slow as it is told to be, and off by so many levels."""

    clock = 0.0  # what the time is, whatever else the machine does

    def __init__(self, seconds, off=0, dtype='float32'):
        self.seconds, self.off, self.dtype = seconds, off, dtype
        self.calls = 0

    def spec(self, tile):
        return SimpleNamespace(window=SimpleNamespace(length=5))

    def stream(self, frames, spec, with_maps):
        self.calls += 1
        Loaded.clock += self.seconds
        for frame in frames:
            yield JudgedFrame(frame // 2 + np.uint8(self.off))


@pytest.mark.parametrize(('torch', 'theirs', 'name'), [
    (Loaded(.05), Loaded(.01), 'onnxruntime'),
    (Loaded(.01), Loaded(.05), 'torch'),
    # a level is rounding
    (Loaded(.05), Loaded(.01, off=1), 'onnxruntime'),
    (Loaded(.05), Loaded(.01, off=2), 'torch'),
    # half precision has to gain something
    (Loaded(.050, dtype='bfloat16'), Loaded(.051), 'onnxruntime'),
    (Loaded(.02, dtype='bfloat16'), Loaded(.05), 'torch')])
def test_the_faster_one_that_agrees(files, monkeypatch, torch, theirs, name):
    monkeypatch.setattr(NetworkFiles, 'load', lambda self, name: (
        torch if name == 'torch' else theirs))
    assert choose_backend('auto', files()) == name
    calls = torch.calls, theirs.calls
    assert min(calls) > 0
    assert choose_backend('auto', files()) == name
    assert (torch.calls, theirs.calls) == calls
    monkeypatch.setattr(backends, '_threads', 7)
    choose_backend('auto', files())
    assert torch.calls > calls[0]


def test_who_waits_is_told_once(files, monkeypatch, caplog):
    monkeypatch.setattr(NetworkFiles, 'load', lambda self, name: Loaded(1))
    with caplog.at_level('INFO', 'mmderain'):
        choose_backend('auto', files())
        choose_backend('auto', files())
    said, = caplog.messages
    assert 'torch or onnxruntime' in said


def test_builds_of_other_names_have_a_version(files, monkeypatch):
    def unknown(name):
        raise PackageNotFoundError(name)
    monkeypatch.setattr(choice, 'version', unknown)
    monkeypatch.setattr(NetworkFiles, 'load', lambda self, name: Loaded(1))
    assert choose_backend('auto', files()) == 'onnxruntime'


def test_without_a_home_nothing_is_remembered(files, monkeypatch):
    def homeless():
        raise RuntimeError('Could not determine home directory.')
    monkeypatch.delenv('XDG_CACHE_HOME')
    monkeypatch.setattr(Path, 'home', homeless)
    loaded = Loaded(1)
    monkeypatch.setattr(NetworkFiles, 'load', lambda self, name: loaded)
    for times in 1, 2:
        assert choose_backend('auto', files()) == 'onnxruntime'
        assert loaded.calls == times * 8


def test_of_a_broken_set_of_packages_the_other_is_taken(files, monkeypatch):
    def load(self, name):
        if name == 'torch':
            raise PackagesError('versions')
        return Loaded(0)
    monkeypatch.setattr(NetworkFiles, 'load', load)
    assert choose_backend('auto', files()) == 'onnxruntime'


@pytest.mark.parametrize(('options', 'able'), [
    ({}, BOTH),
    (dict(device='cpu', dtype='float32'), BOTH),
    (dict(device='cuda'), ('torch', )),
    (dict(device='cuda:1'), ('torch', )),
    (dict(dtype='bfloat16'), ('torch', )),
    (dict(dtype='float16'), ('torch', )),
    (dict(settings=dict(tile=None, window_batch=2)), BOTH),
    # decided when it was exported
    (dict(settings=dict(passes=2)), ('torch', )),
    (dict(settings=dict(guard=False)), ('torch', )),
    (dict(settings=dict(tile=(64, 64)), method='lens_drops'), ('torch', ))])
def test_what_is_said_decides_who_is_able(files, monkeypatch, options, able):
    assert files(**options).able() == able
    monkeypatch.setattr(choice, '_measured', lambda network: 'onnxruntime')
    assert choose_backend('auto', files(**options)) == able[-1]
    assert choose_backend('torch', files(**options)) == 'torch'


def test_on_a_gpu_pytorch(files, monkeypatch):
    class Module:
        @staticmethod
        def devices():
            return ['cpu', 'cuda:0']
    monkeypatch.setattr(choice, '_measured', lambda network: 'onnxruntime')
    monkeypatch.setattr(choice, 'may_have_gpu', lambda: True)
    monkeypatch.setattr(choice, 'find_backend', lambda name: Module)
    assert choose_backend('auto', files()) == 'torch'
    assert choose_backend('auto', files(device='cpu')) == 'onnxruntime'
    Module.devices = staticmethod(lambda: ['cpu'])
    assert choose_backend('auto', files()) == 'onnxruntime'


def test_only_what_is_installed(files):
    with hidden('torch'):
        assert files().able() == ('onnxruntime', )
        assert choose_backend('auto', files()) == 'onnxruntime'
        # what asks for PyTorch is not silently computed otherwise
        with pytest.raises(UserError, match=r"pip install 'mmderain\[train\]"):
            Restorer(device='cpu', dtype='bfloat16')
    with hidden('onnxruntime'):
        assert choose_backend('auto', files()) == 'torch'


def test_a_machine_without_such_files_has_no_gpu(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, '_DEVICES', tmp_path)
    assert not machine.may_have_gpu()
    (tmp_path / 'nvidia0').write_text('')
    assert machine.may_have_gpu()


def test_the_trial_s_clip_has_something_to_remove():
    for entry in SHIPPED:
        restorer = Restorer(model_name=entry.name, backend='onnxruntime')
        frames = trial_clip(2 * restorer.window_length)
        np.testing.assert_array_equal(frames[3], trial_clip(
            2 * restorer.window_length)[3])
        spec = restorer.backend.spec(None)
        changed = [np.abs(result.planes.transpose(1, 2, 0).astype(int)
                          - frame).mean()
                   for result, frame in zip(restorer.backend.stream(
                       iter(frames), spec, False), frames, strict=True)]
        assert np.mean(changed) > 0.3


@pytest.mark.parametrize('remove', ['streaks', 'drops', ('streaks', 'drops')])
def test_the_same_network_whoever_computes(remove):
    """Records and unfinished work are those of the weights."""
    one, other = (choose_restorer(remove=remove, device='cpu', backend=name)
                  for name in BOTH)
    assert {*one.computing.names} == {'torch'}
    assert {*other.computing.names} == {'onnxruntime'}
    assert json.dumps(one.known_by) == json.dumps(other.known_by)
    assert one.map_names == other.map_names
    assert [item.name for item in one.shipped] == [
        item.name for item in other.shipped]


@pytest.mark.parametrize('remove', ['streaks', 'streaks,drops'])
def test_shipped_weights_need_no_pytorch(tmp_path, remove):
    """Nor what else comes with training; tests/install installs none."""
    code = ('import sys\n'
            'from tests.helpers.lean import hide_always\n'
            f'hide_always(*{TRAIN!r})\n'
            'from mmderain.cli.main import main\n'
            'sys.exit(main(sys.argv[1:]))')
    video = write_video(tmp_path / 'a.mkv', pictures(6))
    done = subprocess.run(
        [sys.executable, '-c', code, 'derain', str(video),
         str(tmp_path / 'b.mkv'), '--remove', remove], cwd=ROOT,
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / 'b.mkv').is_file()
