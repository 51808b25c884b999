"""What computes: a network on a device, behind one small interface.

The rest of deraining (``restorer``, ``jobs``, ``windows``, ``media``) handles
NumPy arrays and imports no library of networks; a backend is imported when it
is asked for.
"""

import os
from importlib import import_module
from types import ModuleType

from mmderain.backends.machine import cores
from mmderain.packages import is_there, require_packages

__all__ = ['AUTO', 'BACKENDS', 'EXPORTED', 'find_backend', 'find_exporter',
           'find_quantizer', 'is_installed', 'limit_threads', 'threads']

AUTO = 'auto'
BACKENDS = ('torch', 'onnxruntime')
EXPORTED = '.onnx'  # how the names of exported networks end
# what a backend imports; that of PyTorch, the networks that train
_PACKAGES = dict(torch=('torch', 'mmengine', 'mmcv', 'mmagic'),
                 onnxruntime=('onnxruntime', ))
_threads: int | None = None


def is_installed(name: str) -> bool:
    """Whether the packages of a backend are there."""
    return all(map(is_there, _PACKAGES[name]))


def find_backend(name: str = 'torch') -> ModuleType:
    """Import a backend, an ``interface.BackendModule``.

    Args:
        name: One of ``BACKENDS``.

    Raises:
        UserError: Its library is not installed.
    """
    require_packages(_PACKAGES[name])
    module = import_module(f'mmderain.backends.{name}_backend')
    if _threads is not None:
        module.limit_threads(_threads)
    return module


def find_exporter() -> ModuleType:
    """Import what writes networks for other backends.

    Raises:
        UserError: A library of it is not installed.
    """
    require_packages([*_PACKAGES['torch'], 'onnx', 'onnxscript',
                      'onnxruntime'])
    return import_module('mmderain.backends.export')


def find_quantizer() -> ModuleType:
    """Import what makes exported networks of 8 bits.

    Raises:
        UserError: A library of it is not installed.
    """
    require_packages(['onnx', 'onnxruntime'])
    return import_module('mmderain.backends.quantization')


def threads() -> int:
    """How many threads a computation on the CPU takes."""
    said = os.environ.get('OMP_NUM_THREADS', '')
    return _threads or (int(said) if said.isdecimal() and int(said)
                        else cores())


def limit_threads(count: int) -> None:
    """Take so many, by whatever backend is found from now on."""
    global _threads
    _threads = count
