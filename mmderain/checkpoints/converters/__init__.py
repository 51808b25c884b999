"""Official checkpoints become ours, strictly and without running their code.

A converter is a module with a :class:`Conversion`: rules that say for each of
our names which official variable it comes from, and how. What names and
shapes there are, the network itself says, so a rule cannot be forgotten.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from mmderain.checkpoints.safe_loading import load_checkpoint_file
from mmderain.errors import CheckpointError
from mmderain.methods import Method, get_method

_LISTED = 8


class ConversionError(CheckpointError):
    """An official checkpoint is not the one of the method."""


def _keep(value: Tensor) -> Tensor:
    return value


@dataclass(frozen=True)
class Rule:
    """Where parameters of ours come from.

    Args:
        ours: Regular expression; one of our names from its beginning.
        official: The official name, as a template for what ``ours`` matched
            (the rest of our name stays behind it). Several, if the official
            checkpoint repeats a parameter under the name of each layer that
            shares it.
        transform: Turns the official value into ours.
        default: Our value where the official checkpoint lacks the variable;
            None if it has to be there.
    """

    ours: str
    official: str | tuple[str, ...]
    transform: Callable[[Tensor], Tensor] = _keep
    default: float | None = None

    def official_names(self, name: str) -> list[str] | None:
        """The official names of one of our names, None if it is another's."""
        match = re.match(self.ours, name)
        if match is None:
            return None
        templates = (self.official if isinstance(self.official, tuple)
                     else (self.official, ))
        return [match.expand(template) + name[match.end():]
                for template in templates]


@dataclass(frozen=True)
class Conversion:
    """How the official checkpoint of a method becomes ours.

    Args:
        rules: The first one that matches a name of ours holds for it; a name
            that none matches is the official one, too.
        prefix: Taken off official names where it is there.
        left_out: Regular expressions of whole official names that a release
            holds beside the network, such as the optimiser's variables.
    """

    rules: tuple[Rule, ...]
    prefix: str = ''
    left_out: tuple[str, ...] = ()

    def sources(self, name: str) -> tuple[list[str], Rule]:
        """The official names of one of our names, and the rule for it."""
        for rule in self.rules:
            names = rule.official_names(name)
            if names is not None:
                return names, rule
        return [name], Rule(re.escape(name), name)


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
    conversion = _converter(entry).CONVERSION
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


def _converter(method: Method) -> ModuleType:
    if method.converter is None:
        raise ConversionError(f'There is no official checkpoint of '
                              f'{method.name} to convert.')
    return import_module(method.converter)


def _to_tensor(name: str, value: Tensor | np.ndarray) -> Tensor:
    try:
        return torch.as_tensor(value).detach()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ConversionError(f'{name} is no array but '
                              f'{type(value).__name__}') from error


def _problem(sources: list[str], values: list[Tensor],
             transform: Callable[[Tensor], Tensor],
             wanted: Tensor) -> str | None:
    """What is wrong with the official values of one parameter."""
    name = ', '.join(sources)
    try:
        shape = transform(values[0]).shape
    # what a transform meets with a shape that it is not made for
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


def read_pytorch(path: str | os.PathLike) -> Mapping[str, Tensor]:
    """Read the weights of a PyTorch checkpoint.

    Args:
        path: A state dict, or a checkpoint with one under ``state_dict``.

    Raises:
        ConversionError: There is neither in it.
        CheckpointError: The file cannot be read, or asks to run code.
    """
    checkpoint = load_checkpoint_file(path, map_location='cpu')
    if isinstance(checkpoint, Mapping):
        checkpoint = checkpoint.get('state_dict', checkpoint)
    if not isinstance(checkpoint, Mapping):
        raise ConversionError(f'{path} holds no state dict but '
                              f'{type(checkpoint).__name__}')
    return checkpoint


def convert_file(method: str, source: str | os.PathLike,
                 output: str | os.PathLike) -> int:
    """Convert a released file into a checkpoint of mmderain.

    Args:
        method: A name of ``mmderain.methods``.
        source: The released file; a converter with a function ``read`` has a
            format of its own, all others read PyTorch's.
        output: The file to write; it says itself what network it holds.

    Returns:
        int: The number of tensors.

    Raises:
        UserError: The source cannot be read or holds another network.
    """
    entry = get_method(method)
    module = _converter(entry)
    official = getattr(module, 'read', read_pytorch)(source)
    try:
        state_dict = convert_state_dict(method, official)
    except ConversionError as error:
        raise ConversionError(f'{source}: {error}') from error
    # a file is there as a whole or not at all
    partial = f'{os.fspath(output)}.part'
    torch.save(
        dict(meta=dict(mmderain=dict(
                 method=method, arguments=dict(entry.arguments))),
             state_dict={f'generator.{name}': value
                         for name, value in state_dict.items()}), partial)
    os.replace(partial, output)
    return len(state_dict)
