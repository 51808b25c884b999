"""What computes: a network on a device, behind one small interface.

The rest of deraining (``restorer``, ``jobs``, ``windows``, ``media``) handles
NumPy arrays and imports no library of networks; a backend is imported when it
is asked for.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from mmderain.errors import UserError

__all__ = ['BACKENDS', 'EXPORTED', 'choose_backend', 'find_backend',
           'find_exporter']

BACKENDS = ('torch', 'onnxruntime')
EXPORTED = '.onnx'  # how the names of exported networks end


def choose_backend(asked: str, checkpoint: Path) -> str:
    """The name of the backend for a file.

    Args:
        asked: One of ``BACKENDS``, or 'auto' for what takes the file.
        checkpoint: A checkpoint, or an exported network.

    Raises:
        UserError: The backend does not take the file, or there is none of
            that name.
    """
    if asked not in ('auto', *BACKENDS):
        raise UserError(f'backend has to be one of auto, '
                        f'{", ".join(BACKENDS)}, got {asked!r}.')
    fitting = ('onnxruntime' if checkpoint.suffix.lower() == EXPORTED
               else 'torch')
    if asked not in ('auto', fitting):
        raise UserError(
            f'{checkpoint}: --backend {asked} does not take this file, '
            f'{fitting} does. ' + (
                f'Export it first: mmderain export {checkpoint} '
                f'{checkpoint.with_suffix(EXPORTED).name}.'
                if fitting == 'torch' else 'Name the checkpoint instead.'))
    return fitting


def find_backend(name: str = 'torch') -> ModuleType:
    """Import a backend, an ``interface.BackendModule``.

    Args:
        name: One of ``BACKENDS``.

    Raises:
        UserError: Its library is not installed.
    """
    _require(name)
    return import_module(f'mmderain.backends.{name}_backend')


def find_exporter() -> ModuleType:
    """Import what writes networks for other backends.

    Raises:
        UserError: A library of it is not installed.
    """
    for name in ('torch', 'onnx', 'onnxscript', 'onnxruntime'):
        _require(name)
    return import_module('mmderain.backends.export')


def _require(name: str) -> None:
    if find_spec(name) is None:
        raise UserError(f'{name} is not installed. Install it: '
                        f'pip install {name}')
