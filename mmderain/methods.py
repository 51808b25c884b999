"""What a method is, and the table of all there are.

Each folder of ``mmderain/models`` with a file ``method.py`` declares there, in
``METHODS``, what belongs to its method or methods; nothing else has to be told
of it. The commands, the registries, the checkpoints and the tests read the
table that is made of these. It imports nothing heavy; classes are found when
they are asked for.
"""

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mmderain.errors import UserError

METHODS: Mapping[str, 'Method']  # by name; made by :func:`__getattr__`
_MODELS = Path(__file__).resolve().parent / 'models'


@dataclass(frozen=True)
class Method:
    """What belongs to a method.

    Args:
        name: As the commands and checkpoints call it.
        network: Dotted path of the network's class.
        derainer: Dotted path of the derainer's class.
        config: Its recipe, relative to ``configs/derainers``.
        conversion: Module that says how the official checkpoint becomes ours;
            None where there is no official checkpoint.
        components: Dotted paths of further classes that its configs name,
            such as a discriminator.
        arguments: What the released network is built with, where this is not
            the class's default.
        tiny: What the network is built with, besides, where a test needs one
            of all its parts that computes in a moment.
        test_cfg: How the derainer tests when nothing else is said: as the
            paper's recipe does.
        bytes_per_pixel: Memory that a window takes for each pixel of a frame,
            measured on the CPU in float32 and rounded up; for ``--tile auto``.
        arrays: Dotted path of what restores windows of NumPy's arrays by an
            exported network.
        any_size: Whether an exported network takes frames of any size, or
            those alone of the size that it was exported for.
        official_order: Dotted path of how its official code goes about a
            clip, an ``OfficialOrder``, to compare speed with; None where
            there is no such code.
        bfloat16: It was trained in bfloat16 and computes in it where a device
            is faster with it and nothing else is said.
    """

    name: str
    network: str
    derainer: str
    config: str
    conversion: str | None = None
    components: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    tiny: Mapping[str, Any] = field(default_factory=dict)
    test_cfg: Mapping[str, Any] = field(default_factory=dict)
    bytes_per_pixel: int = 30_000
    arrays: str = 'mmderain.models.array_restoration.ArrayRestoration'
    any_size: bool = True
    official_order: str | None = None
    bfloat16: bool = False

    def network_class(self) -> type:
        """The network's class; imports it."""
        return _find(self.network)

    def derainer_class(self) -> type:
        """The derainer's class; imports it, and MMagic's models."""
        return _find(self.derainer)

    def arrays_class(self) -> type:
        """What restores arrays by an exported network; imports it."""
        return _find(self.arrays)

    def found_official_order(self) -> Any:
        """Its :attr:`official_order`; imports it.

        Raises:
            UserError: There is none.
        """
        if self.official_order is None:
            having = [name for name, method in _declared().items()
                      if method.official_order]
            raise UserError(
                f'{self.name} has no official order of work to be compared '
                f'with; {", ".join(having)} have. Choose one of them.')
        return _find(self.official_order)

    def build_network(self, **arguments) -> Any:
        """Build the released network, or one with other arguments."""
        return self.network_class()(**{**self.arguments, **arguments})

    def classes(self) -> list[type]:
        """Every class that configs name; imports, and so registers, them."""
        return [_find(path) for path in (
            self.network, self.derainer, *self.components)]


def _find(path: str) -> type:
    module, _, name = path.rpartition('.')
    return getattr(import_module(module), name)


@cache
def _declared() -> Mapping[str, Method]:
    """Collect the declarations, by the folders of ``mmderain.models``."""
    found = {}
    for path in sorted(_MODELS.glob('*/method.py')):
        module = import_module(f'mmderain.models.{path.parent.name}.method')
        for method in module.METHODS:
            if method.name in found:
                raise ValueError(f'{path}: the name {method.name!r} is taken '
                                 'by a method of another folder.')
            found[method.name] = method
    return MappingProxyType(found)


def __getattr__(name: str) -> Any:
    # not at the import: the declarations import this module
    if name == 'METHODS':
        return _declared()
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')


def get_method(name: str) -> Method:
    """Look a method up.

    Raises:
        UserError: There is none of that name; the known ones are listed.
    """
    methods = _declared()
    # a checkpoint may say anything, not only names
    if not isinstance(name, str) or name not in methods:
        raise UserError(f'mmderain has no method {reprlib.repr(name)}; it has '
                        f'{", ".join(sorted(methods))}')
    return methods[name]
