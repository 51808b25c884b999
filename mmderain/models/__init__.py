"""Networks, derainers and losses, by name: ``from mmderain.models import X``.

Each method is a folder that declares itself in its ``method.py``. The package
itself imports nothing, so that a part of it that needs little costs little.
"""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    components = {} if name.startswith('_') else import_module(
        'mmderain.models.components').COMPONENTS
    if name not in components:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return components[name]
