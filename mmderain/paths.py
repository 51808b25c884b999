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


def our_configs() -> dict[str, Path]:
    """Every config to train or test with, by its name without folder."""
    return {path.stem: path for path in sorted(config_root().rglob('*.py'))
            if '_base_' not in path.parts}


def find_config(name: str) -> Path | None:
    """One of our configs by what people call it.

    Args:
        name: ``ViMPNet_small``, with or without ``.py``, the folder of its
            method or the whole way from a checkout.
    """
    wanted = name.removeprefix('configs/derainers/').removesuffix('.py')
    for stem, path in our_configs().items():
        if wanted in (stem, f'{path.parent.name}/{stem}'):
            return path.resolve()
    return None


def config_path(name: str) -> str:
    """The path of one of our configs, so that others can inherit from it.

    MMEngine resolves ``_base_ = 'mmagic::...'`` for a fixed list of packages
    that does not include mmderain; this replaces it. MMEngine evaluates the
    line ``_base_`` before it runs the file, so the import is part of it::

        _base_ = __import__('mmderain').config_path('ViMPNet/ViMPNet.py')

    Args:
        name: As for :func:`find_config`; or relative to
            ``configs/derainers``, for the parts in ``_base_``.

    Raises:
        ConfigError: There is no such config; the message lists all.
    """
    part = config_root() / name
    path = part.resolve() if part.is_file() else find_config(name)
    if path is None:
        known = [f'{path.parent.name}/{path.name}'
                 for path in our_configs().values()]
        raise ConfigError(f'mmderain has no config {name!r}. It has: '
                          f'{", ".join(sorted(known))}')
    return str(path)
