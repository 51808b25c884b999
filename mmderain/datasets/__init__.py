"""Data sets and transforms, by name: ``from mmderain.datasets import X``.

The package itself imports nothing, so that the stores of clips in it, which
need NumPy alone, cost little.
"""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    components = None if name.startswith('_') else import_module(
        'mmderain.datasets.components')
    if components is None or name not in components.__all__:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(components, name)
