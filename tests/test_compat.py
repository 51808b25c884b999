"""Quirks of third parties, with each version of them that we serve."""

import gc
import importlib.machinery
import os
import socket
import subprocess
import sys
import types
import weakref

import numpy as np
import pytest
import torch

from mmderain import compat


def test_numpy_2_gets_its_alias(monkeypatch):
    def no_aliases(name):
        raise AttributeError(name)

    # NumPy 1 makes its old aliases in the module's __getattr__
    monkeypatch.setattr(np, '__getattr__', no_aliases)
    compat.provide_numpy_bool8()
    assert vars(np).pop('bool8') is np.bool_


def test_a_fresh_process_imports_everything_with_mmcv_lite():
    """And leaves no trace of the placeholder; names resolve lazily."""
    code = '''
import sys, mmderain
import mmcv.ops
assert 'mmagic' not in sys.modules
assert 'mmcv._ext' not in sys.modules
from mmengine.utils.dl_utils import misc
from mmengine.utils import dl_utils
try:
    import mmcv._ext
    compiled = True
except ImportError:
    compiled = False
assert dl_utils.mmcv_full_available() == compiled
from mmagic.registry import MODELS, DATASETS, HOOKS, TRANSFORMS, RUNNERS
assert MODELS.get('ViMPDerainer').__module__.startswith('mmderain')
assert MODELS.get('BasicVSRNet').__module__.startswith('mmagic')
for node, name in ((DATASETS, 'VRDSDataset'), (HOOKS, 'FreezeHook'),
                   (TRANSFORMS, 'SampleClip'), (RUNNERS, 'DerainRunner')):
    assert node.get(name), name
import mmagic.apis
if not compiled:
    from mmcv.ops import deform_conv2d
    import torch
    try:
        deform_conv2d(torch.rand(1, 1, 4, 4), torch.rand(1, 18, 4, 4),
                      torch.rand(1, 1, 3, 3), 1, 1)
    except (RuntimeError, NotImplementedError) as error:
        print('says:', error)
'''
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', code],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert 'mmcv-lite has none' in done.stdout


def test_compiled_operators_are_left_alone(monkeypatch):
    """With a real `mmcv._ext` no placeholder is put in its place."""
    extension = types.ModuleType('mmcv._ext')
    extension.__spec__ = importlib.machinery.ModuleSpec('mmcv._ext', None)
    monkeypatch.setitem(sys.modules, 'mmcv._ext', extension)
    with compat.without_compiled_operators():
        assert sys.modules['mmcv._ext'] is extension
    assert sys.modules['mmcv._ext'] is extension


def test_registering_after_mmagic_was_imported_works():
    code = '''
import mmderain.compat as compat
from mmagic.registry import MODELS
MODELS.get('BasicVSRNet')
import mmderain.registration as registration
MODELS._locations.remove('mmderain.models.components')
MODELS._imported = True
registration.register_locations()
assert 'ViMPDerainer' in MODELS.module_dict
'''
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', code],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_holds_the_group_is_freed_before_it_ends(monkeypatch):
    """As a model that was trained, which refers to itself."""
    class Model:
        pass

    model = Model()
    model.itself, alive = model, weakref.ref(model)
    seen = []
    monkeypatch.setattr(torch.distributed, 'is_initialized', lambda: True)
    monkeypatch.setattr(torch.distributed, 'destroy_process_group',
                        lambda: seen.append(alive()))
    gc.disable()
    try:
        del model
        assert alive() is not None
        compat._end_process_group()
    finally:
        gc.enable()
    assert seen == [None]


def test_a_group_ends_before_python_does():
    """Or gloo's threads may abort a process whose work is all done."""
    code = '''
import atexit, torch
from mmderain.compat import init_cpu_process_group
# what is registered first is called last
atexit.register(lambda: print(torch.distributed.is_initialized()))
init_cpu_process_group()
print(torch.distributed.is_initialized())
'''
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = str(probe.getsockname()[1])
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code], capture_output=True,
        text=True, check=False, env=dict(
            os.environ, RANK='0', WORLD_SIZE='1', MASTER_ADDR='127.0.0.1',
            MASTER_PORT=port, CUDA_VISIBLE_DEVICES=''))
    assert done.stdout.split() == ['True', 'False'], done.stderr


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """A machine with a GPU that PyTorch cannot use."""
    def install(driver):
        program = tmp_path / 'nvidia-smi'
        program.write_text(f'#!/bin/sh\necho "NVIDIA Test, {driver}"\n')
        program.chmod(0o755)
    monkeypatch.setenv('PATH', f'{tmp_path}:/usr/bin:/bin')
    monkeypatch.delenv('CUDA_VISIBLE_DEVICES', raising=False)
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    monkeypatch.setattr(torch, '__version__', '2.15.0+cu132')
    return install


@pytest.mark.parametrize(('driver', 'advice'), [
    ('535.104.05', 'make setup TORCH=2.8.0 TORCHVISION=0.23.0'),
    ('470.10', 'Update the driver to the 525 series'),
    ('580.95', 'driver is new enough')])
def test_a_gpu_that_idles_is_named_with_the_pair_to_choose(
        nvidia_smi, driver, advice):
    nvidia_smi(driver)
    message = compat.idle_gpu_message()
    assert driver in message
    assert advice in message


def test_a_hidden_gpu_is_no_reason_to_warn(nvidia_smi, monkeypatch):
    nvidia_smi('535.104.05')
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '-1')
    assert compat.idle_gpu_message() is None


def test_no_gpu_is_no_reason_to_warn(monkeypatch):
    monkeypatch.setenv('PATH', '')
    assert compat.idle_gpu_message() is None
