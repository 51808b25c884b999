"""Does something around an import that may come later, or never.

What mmderain changes in other packages has to be in place from their first
moment, but they take seconds to import; so nothing is imported for it. This
is the usual way: a finder, the first in ``sys.meta_path``, lets the others
find the module and wraps its loader.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# Entered before the code of a module runs, left after it has run.
Around = Callable[[], AbstractContextManager]


def around_imports(hooks: Mapping[str, Around]) -> None:
    """Enter a context around the import of each module.

    Where a module is there already, its context is entered and left at once.
    If the context raises, the import fails: no module is used without what
    belongs around it.

    Args:
        hooks: By the full names of the modules.
    """
    # before the look at what is there: another thread may be importing
    sys.meta_path.insert(0, _Finder(hooks))
    for name, around in hooks.items():
        if sys.modules.get(name) is not None:
            import_module(name)  # waits for a thread that is at it
            with around():
                pass


def before(function: Callable[[], None]) -> Around:
    """A context that calls a function when it is entered."""
    @contextmanager
    def around() -> Iterator[None]:
        function()
        yield

    return around


def after(function: Callable[[], None]) -> Around:
    """A context that calls a function when it is left without an error."""
    @contextmanager
    def around() -> Iterator[None]:
        yield
        function()

    return around


class _Finder(MetaPathFinder):

    def __init__(self, hooks: Mapping[str, Around]) -> None:
        self.hooks = hooks

    def find_spec(self, name: str, path: Any = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        """What the finders behind this one find, with a wrapped loader."""
        if name not in self.hooks or self not in sys.meta_path:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1:]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _AroundLoader(spec.loader, self.hooks[name])
                return spec
        return None


class _AroundLoader(Loader):

    def __init__(self, loader: Loader, around: Around) -> None:
        self._loader = loader
        self._around = around

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the module's own loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code in the context."""
        # from now on the module is like any other
        module.__spec__.loader = module.__loader__ = self._loader
        with self._around():
            self._loader.exec_module(module)
