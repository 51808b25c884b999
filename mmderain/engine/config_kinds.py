"""Settings of another kind than what reads them takes, such as 5 for a dict.

Only asked for after something went wrong: not all that a class takes is what
its signature says.
"""

import collections.abc
import re
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from mmagic import registry
from mmengine.config import Config
from mmengine.registry import Registry
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmderain.engine.config_variables import dicts_in

_WORDS = {dict: 'a dict', str: 'a text', int: 'a whole number',
          float: 'a number', bool: 'True or False', list: 'a list',
          tuple: 'a list', type(None): 'None'}
_ROWS = (list, tuple, collections.abc.Sequence, collections.abc.Iterable)


def misfits(cfg: Config | dict) -> Iterator[str]:
    """Say of each such setting what it has to be."""
    for path, settings in dicts_in(cfg):
        kinds = _kinds(_reader(path, settings))
        for key, value in settings.items():
            if key in kinds and not _fits(value, kinds[key]):
                name = f'{path}.{key}' if path else key
                yield (f'{name} has to be {_expected(kinds[key])}, it is '
                       f'{value!r}. Change it in the config or in '
                       '--cfg-options.')


def _reader(path: str, settings: dict) -> Callable | None:
    """What is called with these settings."""
    if not path:
        return Runner
    if re.fullmatch(r'\w+_dataloader', path):
        return DataLoader
    name = settings.get('type')
    if not isinstance(name, str):
        return name
    return next(filter(None, (
        item.get(name) for item in vars(registry).values()
        if isinstance(item, Registry))), None)


def _kinds(reader: Callable | None) -> dict[str, Any]:
    with suppress(Exception):  # names that only a type checker knows
        return typing.get_type_hints(
            reader.__init__ if isinstance(reader, type) else reader)
    return {}


def _fits(value: object, kind: Any) -> bool:
    """Whether it may be of a kind; where nobody knows, it may."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, item) for item in inner)
    if origin is typing.Literal:
        return value in inner
    kind = origin or kind
    if not isinstance(kind, type):
        return True
    if kind in _ROWS:
        return isinstance(value, list | tuple) and (
            len(inner) != 1 or all(_fits(item, inner[0]) for item in value))
    if kind is float:
        return isinstance(value, int | float)
    # of a dict anything may be built, but no plain value
    return isinstance(value, kind) or (
        isinstance(value, dict) and kind not in _WORDS)


def _expected(kind: Any) -> str:
    inner = typing.get_args(kind) if typing.get_origin(kind) in (
        typing.Union, types.UnionType) else (kind, )
    plain = [typing.get_origin(item) or item for item in inner]
    words = [_WORDS.get(item, 'a list' if item in _ROWS else 'a dict')
             for item in plain]
    return ' or '.join(dict.fromkeys(words))
