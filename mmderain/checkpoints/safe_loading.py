"""Loading a checkpoint never runs code from it.

MMEngine reads checkpoints in many ways (local path, URL, ``torchvision://``,
``openmmlab://``, ``s3://`` ...). All of them end in one of two calls of
``mmengine.runner.checkpoint``: ``torch.load`` or ``load_url``. Both are
replaced by :func:`load_checkpoint_file`, so that nothing can bypass it, and
other users of MMEngine in the same process are protected, too.
"""

import io
import os
import pickle
import re
import types
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.dist import get_dist_info
from mmengine.logging.history_buffer import HistoryBuffer

from mmderain.checkpoints.safetensors_file import (
    is_safetensors,
    read_safetensors,
)
from mmderain.errors import CheckpointError, PackagesError
from mmderain.file_kinds import EMPTY, no_file


class UnsafeCheckpointError(CheckpointError):
    """The file asks for a function that is not plain data."""


class DamagedCheckpointError(CheckpointError):
    """The file is not a checkpoint, or not a whole one."""


class NoCheckpointError(CheckpointError, FileNotFoundError):
    """There is no such file."""


# Statistics by which a log buffer of MMEngine names its methods.
_BUFFER_METHODS = ('mean', 'max', 'min', 'current')


def _getattr_of_buffer(owner: type, name: str) -> Callable:
    """``getattr`` for what training checkpoints of MMEngine use it for."""
    if owner is HistoryBuffer and name in _BUFFER_METHODS:
        return getattr(HistoryBuffer, name)
    raise pickle.UnpicklingError(
        f'getattr({owner!r}, {name!r}) is not allowed in a checkpoint')


def _allowed_globals() -> list:
    """What MMEngine's checkpoints hold beyond tensors and plain data."""
    reconstruct = np.core.multiarray._reconstruct
    scalar = np.core.multiarray.scalar
    dtypes = {type(np.dtype(kind)) for kind in np.typecodes['All']
              if kind not in 'OV'}
    allowed: list = [HistoryBuffer, np.ndarray, np.dtype, *dtypes]
    # NumPy 1 and 2 pickle the same functions under different modules.
    for module in ('numpy.core.multiarray', 'numpy._core.multiarray'):
        allowed += [(reconstruct, f'{module}._reconstruct'),
                    (scalar, f'{module}.scalar')]
    # Protocol 2 says __builtin__ where later ones say builtins.
    allowed += [(_getattr_of_buffer, name) for name in
                ('getattr', '__builtin__.getattr', 'builtins.getattr')]
    return allowed


_UNSAFE = re.compile(r'GLOBAL ([\w.]+)|getattr\(.*\) is not allowed')


def load_checkpoint_file(file: str | os.PathLike | io.BytesIO,
                         map_location: Any = None,
                         **kwargs) -> Any:
    """``torch.load`` that reads data and nothing else.

    Args:
        file: A path, or a buffer that MMEngine filled from a file server.
        map_location: As for ``torch.load``.
        **kwargs: Taken for compatibility with ``torch.load`` and ignored:
            no argument can make the loading unsafe.

    Returns:
        What the file holds. The text ``meta['config']`` is left out: MMEngine
        runs it as Python when training is resumed, and its own checkpoints
        use the key ``cfg``.

    Raises:
        NoCheckpointError: There is no such file.
        UnsafeCheckpointError: The file wants to call something; it is named.
        DamagedCheckpointError: The file cannot be read.
    """
    name = 'the file'
    if isinstance(file, str | os.PathLike):
        name = str(file)
        problem = no_file(Path(file))
        if problem not in (None, EMPTY):
            raise NoCheckpointError(f'There is no checkpoint {name}: '
                                    f'{problem}. Fix the path.')
    _check_format(file, name)
    try:
        content = _safetensors(file)
        if content is not None:
            return read_safetensors(content, map_location)
        with torch.serialization.safe_globals(_allowed_globals()):
            checkpoint = torch.load(
                file, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        unsafe = _UNSAFE.search(str(error))
        if unsafe is None:
            raise DamagedCheckpointError(
                f'{name} is not a checkpoint: PyTorch finds neither its own '
                'format nor a plain pickle in it. Weights of other libraries '
                'are converted first: mmderain convert.') from error
        raise UnsafeCheckpointError(
            f'{name} is refused: expected only data, but loading it would '
            f'call {unsafe.group(1) or unsafe.group(0)!r}. Ask its author '
            'for a file that holds only tensors.') from error
    except PackagesError:
        raise
    # the reader of pickles trips over other formats in any way
    except Exception as error:
        raise DamagedCheckpointError(
            f'{name} is not a checkpoint, or it is incomplete or damaged: it '
            'cannot be read. Copy or download it again.') from error
    return _without_code(checkpoint)


def _safetensors(file: str | os.PathLike | io.BytesIO) -> bytes | None:
    """All of the file, if it is of that format."""
    with (nullcontext(file) if isinstance(file, io.BytesIO)
          else open(file, 'rb')) as content:
        head = content.read(9)
        content.seek(0)
        return content.read() if is_safetensors(head) else None


def _check_format(file: str | os.PathLike | io.BytesIO, name: str) -> None:
    """Refuse formats of others by their name, and what grows when read."""
    with (nullcontext(file) if isinstance(file, io.BytesIO)
          else open(file, 'rb')) as content:
        head = content.read(9)
        size = content.seek(0, os.SEEK_END)
        content.seek(0)
        if Path(name).suffix.lower() == '.onnx':
            raise DamagedCheckpointError(
                f'{name} is an exported network, expected a checkpoint of '
                'PyTorch. mmderain derain --checkpoint takes it, without '
                '--backend torch; for all else name what it was exported '
                'from.')
        if not head.startswith(b'PK'):
            return
        try:
            archive = zipfile.ZipFile(content)
            stored = sum(item.file_size for item in archive.infolist())
            # PyTorch compresses nothing
            changed = _changed_part(archive) if stored <= size else None
        # whatever zipfile finds in damaged bytes: NotImplementedError, too
        except Exception as error:
            raise DamagedCheckpointError(
                f'{name} cannot be read as a checkpoint: it is incomplete or '
                'damaged. Copy or download it again.') from error
        finally:
            content.seek(0)
    if stored > size:
        raise DamagedCheckpointError(
            f'{name} is not a checkpoint: its {size} bytes would become '
            f'{stored}, and PyTorch compresses nothing. Ask its author for '
            'the file that PyTorch wrote.')
    if changed is not None:
        raise DamagedCheckpointError(
            f'{name} is damaged: the bytes of {changed} in it are not those '
            'that were written, as their checksum tells. Copy or download it '
            'again.')


def _changed_part(archive: zipfile.ZipFile) -> str | None:
    """The first part whose checksum is another; PyTorch looks at none."""
    # there are none after torch.serialization.set_crc32_options(False)
    if not any(item.CRC for item in archive.infolist()):
        return None
    return archive.testzip()


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__


def _without_code(checkpoint: Any) -> Any:
    if isinstance(checkpoint, dict) and isinstance(
            checkpoint.get('meta'), dict):
        checkpoint['meta'].pop('config', None)
    return checkpoint


def _load_url(url: str,
              model_dir: str | None = None,
              map_location: Any = None,
              progress: bool = True,
              check_hash: bool = False,
              file_name: str | None = None) -> Any:
    """Download ``url`` once into PyTorch's cache and read it safely."""
    folder = Path(model_dir or Path(torch.hub.get_dir()) / 'checkpoints')
    target = folder / (file_name or Path(url.split('?')[0]).name)
    if not target.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        prefix = None
        if check_hash:
            match = torch.hub.HASH_REGEX.search(target.name)
            prefix = match.group(1) if match else None
        rank, _ = get_dist_info()
        try:
            torch.hub.download_url_to_file(
                url, str(target), prefix, progress and rank == 0)
        except (OSError, RuntimeError) as error:
            raise CheckpointError(
                f'{url} could not be downloaded ({_first_line(error)}). '
                'Download it on a machine with internet access and put it at '
                f'{target}') from error
    return load_checkpoint_file(target, map_location)


class _TorchWithSafeLoad(types.ModuleType):
    """The module torch, with :func:`load_checkpoint_file` as its ``load``."""

    load = staticmethod(load_checkpoint_file)

    def __getattr__(self, name: str) -> Any:
        return getattr(torch, name)


def load_safely_everywhere() -> None:
    """Make every way into MMEngine's checkpoint loading a safe one.

    Why: since torch 2.6 ``torch.load`` refuses MMEngine's own training
    checkpoints (they hold log buffers), while its URL loaders still ask for
    unsafe loading (mmengine #1655, #1650). Can be removed when MMEngine does
    both.
    """
    from mmengine.runner import checkpoint
    checkpoint.torch = _TorchWithSafeLoad('torch')
    checkpoint.load_url = _load_url
