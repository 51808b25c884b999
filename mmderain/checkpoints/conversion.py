"""Converts official checkpoints, strictly and without running their code.

The folder of a method has a module with a ``CONVERSION``: rules that say for
each of our names which official variable it comes from, and how (see
``mmderain.checkpoints.rules``).
"""

import os
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from mmderain.checkpoints.readers.pytorch import read_pytorch
from mmderain.checkpoints.rules import ConversionError
from mmderain.checkpoints.safetensors_file import checkpoint_content
from mmderain.files import write_whole
from mmderain.methods import Method, get_method

_LISTED = 8


def convert_state_dict(method: str,
                       official: Mapping[str, Tensor | np.ndarray],
                       **network_arguments) -> dict[str, Tensor]:
    """Convert the variables of an official checkpoint.

    Args:
        method: A name of ``mmderain.methods``.
        official: From the official variable name to its value.
        **network_arguments: Of the network, if it is not the released one.

    Returns:
        dict[str, Tensor]: The state dict of the network.

    Raises:
        ConversionError: Variables are unknown, missing or of a wrong shape;
            all of them are named.
        UserError: There is no such method.
    """
    entry = get_method(method)
    conversion = _conversion_module(entry).CONVERSION
    with torch.device('meta'):
        network = entry.build_network(**network_arguments)
    given = {name.removeprefix(conversion.prefix): value
             for name, value in official.items()
             if not any(re.fullmatch(pattern, name)
                        for pattern in conversion.left_out)}
    converted, known, missing, wrong = {}, set(), [], []
    for name, wanted in network.state_dict().items():
        sources, rule = conversion.sources(name)
        known.update(sources)
        absent = [source for source in sources if source not in given]
        if absent and rule.default is not None:
            converted[name] = torch.full(wanted.shape, rule.default,
                                         dtype=wanted.dtype)
            continue
        missing += absent
        if absent:
            continue
        values = [_to_tensor(source, given[source]) for source in sources]
        problem = _problem(sources, values, rule.transform, wanted)
        if problem is None:
            converted[name] = rule.transform(values[0]).to(
                wanted.dtype, copy=True).contiguous()
        else:
            wrong.append(problem)
    unknown = sorted(set(given) - known)
    if unknown or missing or wrong:
        raise ConversionError('\n'.join(
            [f'This is not the checkpoint of {method}:',
             *_lines('missing', missing), *_lines('unknown', unknown),
             *_lines('wrong', wrong)]))
    return converted


def _conversion_module(method: Method) -> ModuleType:
    if method.conversion is None:
        raise ConversionError(f'There is no official checkpoint of '
                              f'{method.name} to convert.')
    return import_module(method.conversion)


def _to_tensor(name: str, value: Tensor | np.ndarray) -> Tensor:
    try:
        value = torch.as_tensor(value).detach()
        if value.layout is torch.strided and not value.is_meta and (
                not value.is_quantized):
            return value
        raise TypeError
    except (TypeError, ValueError, RuntimeError) as error:
        raise ConversionError(f'{name}: expected an array, got '
                              f'{type(value).__name__}') from error


def _problem(sources: list[str], values: list[Tensor],
             transform: Callable[[Tensor], Tensor],
             wanted: Tensor) -> str | None:
    """What is wrong with the official values of one parameter."""
    name = ', '.join(sources)
    try:
        shape = transform(values[0]).shape
    # raised by a transform for a shape that it is not made for
    except (RuntimeError, IndexError, ValueError):
        shape = None
    if shape != wanted.shape:
        became = '' if shape in (None, values[0].shape) else (
            f', which becomes {tuple(shape)}')
        return (f'{name} has the shape {tuple(values[0].shape)}{became}; '
                f'the network needs {tuple(wanted.shape)}')
    if not all(torch.equal(values[0], value) for value in values[1:]):
        return f'{name} are one parameter, but their values differ'
    return None


def _lines(title: str, items: list[str]) -> list[str]:
    rest = len(items) - _LISTED
    lines = [f'  {title}: {item}' for item in items[:_LISTED]]
    return lines + ([f'  ... and {rest} more {title}'] if rest > 0 else [])


def convert_file(method: str, source: str | os.PathLike,
                 output: str | os.PathLike) -> int:
    """Convert a released file into a checkpoint of mmderain.

    Args:
        method: A name of ``mmderain.methods``.
        source: The released file; a method whose conversion has a function
            ``read`` has a format of its own, all others read PyTorch's.
        output: The file to write; it describes the network that it holds.

    Returns:
        int: The number of tensors.

    Raises:
        UserError: The source cannot be read or holds another network, or the
            output cannot be written.
    """
    entry = get_method(method)
    module = _conversion_module(entry)
    official = getattr(module, 'read', read_pytorch)(source)
    try:
        state_dict = convert_state_dict(method, official)
    except ConversionError as error:
        raise ConversionError(f'{source}: {error}') from error
    output = Path(output)
    write_whole(output, checkpoint_content(
        output, dict(method=method, arguments=dict(entry.arguments)),
        {f'generator.{name}': value for name, value in state_dict.items()}))
    return len(state_dict)
