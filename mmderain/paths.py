"""Finds the files that come with the package."""

from pathlib import Path

from mmderain.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent


def config_root() -> Path:
    """The folder ``configs/derainers``, in an install or in a checkout."""
    checkout = _PACKAGE.parent / 'configs' / 'derainers'
    if checkout.is_dir():
        return checkout
    return _PACKAGE / '.mim' / 'configs' / 'derainers'


def config_path(name: str) -> str:
    """The path of one of our configs, so that others can inherit from it.

    MMEngine resolves ``_base_ = 'mmagic::...'`` for a fixed list of packages
    that does not include mmderain; this replaces it. MMEngine evaluates the
    line ``_base_`` before it runs the file, so the import is part of it::

        _base_ = __import__('mmderain').config_path('ViMPNet/ViMPNet.py')

    Args:
        name: Relative to ``configs/derainers``.

    Raises:
        ConfigError: There is no such config; the message lists all.
    """
    root = config_root()
    path = root / name
    if not path.is_file():
        known = sorted(
            str(item.relative_to(root)) for item in root.rglob('*.py')
            if '_base_' not in item.parts)
        raise ConfigError(f'mmderain has no config {name!r}. It has: '
                          f'{", ".join(known)}')
    return str(path.resolve())
