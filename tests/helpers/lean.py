"""As if packages were not installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder

TRAIN = ('torch', 'torchvision', 'mmengine', 'mmcv', 'mmagic', 'skimage',
         'sklearn', 'scipy', 'matplotlib', 'PIL', 'onnx', 'onnxscript',
         'lpips', 'tensorboard')


class _Nowhere(MetaPathFinder):

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def find_spec(self, name: str, path: object = None,
                  target: object = None) -> None:
        if name.partition('.')[0] in self.names:
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Top-level modules cannot be found, even if they were imported."""
    kept = {name: module for name, module in sys.modules.items()
            if name.partition('.')[0] in names}
    finder = _Nowhere(names)
    sys.meta_path.insert(0, finder)
    for name in kept:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.modules.update(kept)


def hide_always(*names: str) -> None:
    """The same for the rest of a process."""
    sys.meta_path.insert(0, _Nowhere(names))
