"""The faster precision is tried once and remembered."""

import json
import os
from types import SimpleNamespace

import pytest
import torch

from mmderain.backends import precision, trials
from mmderain.backends.precision import fastest_dtype
from mmderain.methods import get_method


class Derainer(torch.nn.Module):
    """As slow as it is told to be, by a clock of its own."""

    class window_spec:  # noqa: N801
        length = 5

    seconds = 0.0

    def __init__(self, slowness):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.slowness, self.calls = slowness, 0

    def stream(self, clip, dtype=None):
        assert clip.dtype == torch.uint8 and clip.shape[:2] == (5, 3)
        self.calls += 1
        Derainer.seconds += (
            self.slowness if dtype == torch.bfloat16 else 0.02)
        yield from clip


@pytest.fixture
def method(monkeypatch, tmp_path):
    monkeypatch.setattr(precision, 'has_bfloat16', lambda device: True)
    # whatever else the machine does
    monkeypatch.setattr(trials, 'time', SimpleNamespace(
        perf_counter=lambda: Derainer.seconds))
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    return get_method('aligned_median')


@pytest.mark.parametrize(('slowness', 'name'), [
    (0.004, 'bfloat16'), (0.02, 'float32'), (0.06, 'float32')])
def test_the_faster_one_is_taken_and_remembered(method, slowness, name):
    derainer = Derainer(slowness)
    assert fastest_dtype(method, derainer) == name
    calls = derainer.calls
    assert calls > 0
    # whatever the mood of the machine
    derainer.slowness = 0.06 if name == 'bfloat16' else 0.001
    assert fastest_dtype(method, derainer) == name
    assert derainer.calls == calls
    torch.set_num_threads(threads := torch.get_num_threads() + 1)
    try:
        fastest_dtype(method, derainer)
    finally:
        torch.set_num_threads(threads - 1)
    assert derainer.calls > calls


@pytest.mark.parametrize('content', ['', '[]', '{"a": 3}', '\0'])
def test_a_damaged_memory_is_none(method, tmp_path, content):
    path = tmp_path / 'mmderain' / 'trials.json'
    path.parent.mkdir()
    path.write_text(content)
    assert fastest_dtype(method, Derainer(0.06)) == 'float32'
    assert 'float32' in json.loads(path.read_text()).values()


def test_a_pipe_in_its_place_is_not_waited_for(method, tmp_path):
    (tmp_path / 'mmderain').mkdir()
    os.mkfifo(tmp_path / 'mmderain' / 'trials.json')
    assert fastest_dtype(method, Derainer(0.06)) == 'float32'


def test_without_a_place_to_remember(method, tmp_path, monkeypatch):
    (tmp_path / 'file').write_text('')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'file'))
    assert fastest_dtype(method, Derainer(0.06)) == 'float32'


def test_what_was_trained_in_float32_stays_in_it(method):
    derainer = Derainer(0.001)
    assert fastest_dtype(get_method('eevrsr'), derainer) == 'float32'
    assert derainer.calls == 0


def test_hardware_without_bfloat16_is_not_tried(method, monkeypatch):
    monkeypatch.setattr(precision, 'has_bfloat16', lambda device: False)
    derainer = Derainer(0.001)
    assert fastest_dtype(method, derainer) == 'float32'
    assert derainer.calls == 0
