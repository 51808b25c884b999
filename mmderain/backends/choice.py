"""Which backend restores by a network: what was asked for, or the fastest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from mmderain.backends import (
    AUTO,
    BACKENDS,
    EXPORTED,
    find_backend,
    is_installed,
    threads,
)
from mmderain.backends.interface import Backend
from mmderain.backends.machine import may_have_gpu, processor
from mmderain.backends.trial_clip import trial_clip
from mmderain.backends.trials import LEAST_GAIN, best_seconds, remembered
from mmderain.errors import PackagesError, UserError
from mmderain.files import digest
from mmderain.methods import get_method

_LEVEL = 1  # of 255; rounding falls on either side of a half
# a drop that one has just seen and the other just not may differ by more
_SHARE = 1e-3


@dataclass(frozen=True)
class NetworkFiles:
    """A network in one file or several, and how it is to be loaded.

    Args:
        files: By the backends that take them.
        method: Its name, for files that do not say it.
        settings: As for :class:`~mmderain.backends.interface.Backend`.
        device: The same.
        dtype: The same.
    """

    files: Mapping[str, Path]
    method: str | None
    settings: Mapping[str, Any]
    device: Any
    dtype: str

    def load(self, backend: str) -> Backend:
        """Load it.

        Raises:
            UserError: As of the backend.
        """
        return find_backend(backend).LoadedNetwork(
            self.files[backend], self.method, self.settings, self.device,
            self.dtype)

    def able(self) -> tuple[str, ...]:
        """The backends that do what is said; of those the installed ones."""
        fitting = tuple(name for name in self.files
                        if name != 'onnxruntime' or self._is_exported_s())
        return tuple(filter(is_installed, fitting)) or fitting

    def _is_exported_s(self) -> bool:
        """Whether an exported network takes all that is said."""
        if str(self.device or 'cpu') != 'cpu' or self.dtype not in (
                AUTO, 'float32'):
            return False
        return len(self.files) == 1 or get_method(
            self.method).arrays_class().takes(self.settings)


def fitting_backend(path: Path) -> str:
    """The backend that takes a file, by its name."""
    return 'onnxruntime' if path.suffix.lower() == EXPORTED else 'torch'


def choose_backend(asked: str, network: NetworkFiles) -> str:
    """The name of the backend for a network.

    Args:
        asked: One of ``BACKENDS``, or 'auto'.
        network: That is to be loaded.

    Raises:
        UserError: The backend does not take the file, or there is none of
            that name.
    """
    if asked not in (AUTO, *BACKENDS):
        raise UserError(f'backend has to be one of {AUTO}, '
                        f'{", ".join(BACKENDS)}, got {asked!r}.')
    if asked != AUTO:
        if asked not in network.files:
            raise _wrong_backend(asked, network)
        return asked
    if len(network.files) == 1:
        return next(iter(network.files))
    able = network.able()
    if len(able) == 1:
        return able[0]
    if network.device is None and _has_gpu():
        return 'torch'
    return _fastest(network)


def _wrong_backend(asked: str, network: NetworkFiles) -> UserError:
    (fitting, path), *_ = network.files.items()
    return UserError(
        f'{path}: --backend {asked} does not take this file, {fitting} does. '
        + (f'Export it first: mmderain export {path} '
           f'{path.with_suffix(EXPORTED).name}.'
           if fitting == 'torch' else 'Name the checkpoint instead.'))


def _has_gpu() -> bool:
    # PyTorch takes seconds to import
    return may_have_gpu() and find_backend('torch').devices() != ['cpu']


def _fastest(network: NetworkFiles) -> str:
    """The faster one of both on the CPU, as tried once."""
    versions = ', '.join(f'{name} {_version(name)}' for name in BACKENDS)
    files = ', '.join(path.name for path in network.files.values())
    # other weights may not agree
    known_by = digest(network.files['torch'])[:12]
    key = (f'{files} {known_by}, {processor()}, {threads()} threads, '
           f'{versions}, {network.dtype}')
    return remembered(key, lambda: _measured(
        replace(network, settings={})), BACKENDS)


def _version(name: str) -> str:
    """Of a library; builds for some devices have other names."""
    try:
        return version(name)
    except PackageNotFoundError:
        return str(getattr(import_module(name), '__version__', 'unknown'))


def _measured(network: NetworkFiles) -> str:
    """The faster one, by restoring a clip by both; PyTorch if they differ."""
    try:
        ours = network.load('torch')
    except PackagesError:  # versions that do not go together
        return 'onnxruntime'
    theirs = network.load('onnxruntime')
    frames = trial_clip(2 * ours.spec(None).window.length)
    fast, ours.dtype = ours.dtype, 'float32'
    if not _agree(_restored(ours, frames), _restored(theirs, frames)):
        return 'torch'
    ours.dtype = fast
    seconds = best_seconds({
        'torch': lambda: list(_restored(ours, frames)),
        'onnxruntime': lambda: list(_restored(theirs, frames))})
    slack = 1 if fast == 'float32' else LEAST_GAIN
    return ('onnxruntime'
            if seconds['onnxruntime'] <= slack * seconds['torch']
            else 'torch')


def _restored(backend: Backend, frames: list[np.ndarray]
              ) -> Iterator[np.ndarray]:
    spec = backend.spec(None)
    for frame in backend.stream(iter(frames), spec, False):
        yield frame.planes


def _agree(ours: Iterator[np.ndarray], theirs: Iterator[np.ndarray]) -> bool:
    """Whether frames are equal but for rounding."""
    apart = [(np.abs(one.astype(np.int16) - other) > _LEVEL).mean()
             for one, other in zip(ours, theirs, strict=True)]
    return float(np.mean(apart)) <= _SHARE
