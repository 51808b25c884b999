"""What a checkpoint says about its own model, and how much of it is trusted.

A method's name, looked up in our table, and plain arguments, checked against
the constructor. Nothing is imported, built or run by a name from the file.
"""

import inspect
import reprlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from mmderain.checkpoints.safe_loading import load_checkpoint_file
from mmderain.checkpoints.strict_loading import (
    MismatchedCheckpointError,
    check_fit,
    listed,
    load_strictly,
    weights_of,
)
from mmderain.errors import CheckpointError, UserError
from mmderain.methods import METHODS, Method, get_method

_PREFIX = 'generator.'
_LIMIT = 1 << 31  # no number of a network is larger
_SPARE = 1000  # parameters that a file may lack, and be told so by name


def describe(network: dict) -> dict | None:
    """Describe the config of a network.

    Args:
        network: As in a model config: ``type`` and constructor arguments.

    Returns:
        dict | None: ``method`` and ``arguments``; None if the table does not
        have the type.
    """
    arguments = {key: value for key, value in dict(network).items()
                 # a file to start from says nothing about the network
                 if key != 'type' and not key.endswith('pretrained')}
    fitting = [method for method in METHODS.values()
               if method.network.rpartition('.')[2] == network['type']
               and method.arguments.items() <= arguments.items()]
    if not fitting:
        return None
    # several methods may share a class: the most specific one
    method = max(fitting, key=lambda method: len(method.arguments))
    return dict(method=method.name, arguments=_plain(arguments))


def load_network(path: str, map_location: Any = 'cpu') -> nn.Module:
    """Build the network that a checkpoint of ours describes; load it.

    Args:
        path: A file that our training or our converter wrote.
        map_location: As for ``torch.load``.

    Returns:
        nn.Module: In evaluation mode.

    Raises:
        CheckpointError: It does not describe a network of ours, or its
            arguments or weights do not fit.
    """
    return load_method(path, map_location)[1]


def load_method(path: str, map_location: Any = 'cpu',
                expected: str | None = None) -> tuple[Method, nn.Module]:
    """The same, and the method whose network it is.

    Args:
        path: As for :func:`load_network`.
        map_location: As for ``torch.load``.
        expected: Name of the method that it must belong to. A file that does
            not describe itself is taken to hold that method's released
            network.

    Raises:
        CheckpointError: As for :func:`load_network`, or it is of another
            method.
        UserError: There is no method of the name ``expected``.
    """
    checkpoint = load_checkpoint_file(path, map_location)
    method, build = _builder(path, checkpoint, expected)
    found = weights_of(checkpoint, path)
    weights = {name.removeprefix(_PREFIX): value
               for name, value in found.items() if name.startswith(_PREFIX)}
    if found and not weights:
        raise MismatchedCheckpointError(
            f'{path}: expected weights whose names begin with {_PREFIX}, got '
            f'{listed(found)}. Take the file that the training or mmderain '
            'convert wrote; names that begin with module. are of a wrapped '
            'model: save what it wraps.')
    # without memory at first: a description may ask for any size
    with torch.device('meta'), _parameters_limited(len(weights) + _SPARE):
        check_fit(build(), weights, path)
    network = build()
    load_strictly(network, weights, path)
    return method, network.eval()


@contextmanager
def _parameters_limited(most: int) -> Iterator[None]:
    """Refuse to build a network of more parameters."""
    count = 0

    def notice(*registered: object) -> None:
        nonlocal count
        count += 1
        if count > most:
            raise ValueError(f'it has more than {most} parameters, more than '
                             'the file')

    hook = register_module_parameter_registration_hook(notice)
    try:
        yield
    finally:
        hook.remove()


def _builder(path: str, checkpoint: Any, expected: str | None
             ) -> tuple[Method, Callable[[], nn.Module]]:
    meta = checkpoint.get('meta') if isinstance(checkpoint, dict) else None
    said = meta.get('mmderain') if isinstance(meta, dict) else None
    has_weights = isinstance(checkpoint, dict) and 'state_dict' in checkpoint
    if expected and not isinstance(said, dict):
        said = dict(method=expected,
                    arguments=dict(get_method(expected).arguments))
    if not isinstance(said, dict) or not has_weights:
        raise CheckpointError(
            f'{path} does not say which network it holds. Files that mmderain '
            'trained or converted do; convert official ones with mmderain '
            'convert.')
    name, arguments = said.get('method'), said.get('arguments')
    if expected and name != get_method(expected).name:
        raise CheckpointError(
            f'{path} is of the method {reprlib.repr(name)}, not of '
            f'{expected!r}. Name that one, or none.')
    try:
        method = get_method(name)
        network = method.network_class()
    except UserError as error:
        raise CheckpointError(f'{path}: {error}') from error
    if not isinstance(arguments, dict):
        raise CheckpointError(f'{path}: as arguments of {name}, expected a '
                              f'dict, got {type(arguments).__name__}.')
    known = inspect.signature(network).parameters
    unknown = sorted(map(str, set(arguments) - set(known)))
    if unknown:
        raise CheckpointError(
            f'{path}: {network.__name__} takes no argument '
            f'{reprlib.repr(unknown)}; it takes {sorted(known)}.')
    try:
        arguments = _plain(arguments)
    except CheckpointError as error:
        raise CheckpointError(f'{path}: {error}') from error

    def build() -> nn.Module:
        try:
            return network(**arguments)
        except OSError:  # no folder for temporary files
            raise
        # whatever numbers from a file may lead to
        except Exception as error:
            # others speak of tensors that the file has not
            said = f': {error}' if isinstance(error, ValueError) else ''
            raise CheckpointError(
                f'{path}: {network.__name__} cannot be built with '
                f'{reprlib.repr(arguments)}{said}. Ask for another file, or '
                'train anew.') from error

    return method, build


def _plain(value: Any) -> Any:
    """Numbers, texts and containers of them; refuses everything else."""
    if value is None or isinstance(value, bool | float | str) or (
            isinstance(value, int) and abs(value) < _LIMIT):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict) and 'type' not in value:
        return {str(key): _plain(item) for key, item in value.items()}
    raise CheckpointError(f'{value!r} is not a plain argument of a network: '
                          f'expected texts, numbers below {_LIMIT}, and lists '
                          'and dicts of them. Ask for another file.')
