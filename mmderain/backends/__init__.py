"""What computes: a network on a device, behind one small interface.

The rest of deraining (``restorer``, ``jobs``, ``windows``, ``media``) handles
NumPy arrays and imports no library of networks; a backend is imported when it
is asked for.
"""

from importlib import import_module

from mmderain.backends.interface import Backend, BackendModule

__all__ = ['Backend', 'BackendModule', 'find_backend']


def find_backend(name: str = 'torch') -> BackendModule:
    """Import a backend.

    Args:
        name: 'torch'.
    """
    return import_module(f'mmderain.backends.{name}_backend')
