"""Reads TensorFlow checkpoints without TensorFlow.

For the released ones a table of the method says what lies where in the file.
Any other one is read by TensorFlow itself, in a separate environment, by a
script that writes its variables into an ``.npz`` file.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from mmderain.checkpoints.rules import ConversionError

_DATA = '.data-00000-of-00001'


def read_tensorflow(path: str | os.PathLike,
                    table: Path) -> dict[str, np.ndarray]:
    """Read the variables of a TensorFlow checkpoint.

    Args:
        path: The checkpoint as TensorFlow names it (``.../model.ckpt``), or
            its data file; or an ``.npz`` file of
            ``tools/tensorflow_to_npz.py``.
        table: Of the releases, JSON: from the SHA-256 of a data file to its
            ``variables``, each with name, shape and place in the file.

    Returns:
        dict: From variable name to value; of a released one, what the network
        and its batch normalisation need.

    Raises:
        ConversionError: The file is missing, damaged or not one of the
            released ones.
    """
    path = Path(path)
    if path.suffix == '.npz':
        return _read_npz(path)
    file = _data_file(path)
    data = file.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    releases = json.loads(table.read_text())
    if digest not in releases:
        raise ConversionError(_explain(path, file, data))
    variables = {}
    for name, shape, offset in releases[digest]['variables']:
        values = np.frombuffer(data, '<f4', int(np.prod(shape)), offset)
        variables[name] = values.reshape(shape).copy()
    return variables


def _data_file(path: Path) -> Path:
    """The file with the values of a checkpoint, by any of its names."""
    name = path.name.removesuffix('.index').removesuffix('.meta')
    # . and / have no name
    candidates = (path.parent / f'{name or "model.ckpt"}{_DATA}',
                  path / f'model.ckpt{_DATA}', path)
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ConversionError(
        f'{path}: expected a TensorFlow checkpoint, that is a file '
        f'{candidates[0].name} beside it, found none. Fix the path.')


def _explain(path: Path, file: Path, data: bytes) -> str:
    if data.startswith(b'version https://git-lfs'):
        return (f'{file} is a pointer of Git LFS, not the file itself; fetch '
                'it with: git lfs pull')
    return (
        f'{file} is not one of the released checkpoints (or a damaged one: '
        f'it has {len(data)} bytes). Others have to be read by TensorFlow '
        'first, in a separate environment:\n'
        '  python -m venv tf && tf/bin/pip install tensorflow-cpu\n'
        f'  tf/bin/python tools/tensorflow_to_npz.py {path} variables.npz\n'
        'Then convert variables.npz.')


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    # whatever zipfile and NumPy find wrong
    except Exception as error:
        raise ConversionError(
            f'{path}: expected variables that tools/tensorflow_to_npz.py '
            f'wrote, but it cannot be read: {error}') from error
