"""One variable of a config, read wherever its value is wanted.

MMEngine computes a config while it reads the file, so that a variable that is
changed afterwards, by a config that inherits it or by ``--cfg-options``,
changes nothing else. Here a setting may name the variable instead::

    crop_size = 256
    train_pipeline = [..., dict(type='PairedClipCrop', size='${crop_size}')]

The commands, ``DerainRunner`` and, for the training data under MMEngine's own
Runner (MMagic's tools), ``ResumableIterTrainLoop`` put the values in.
"""

import copy
import re
from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

from mmderain.errors import ConfigError

_REFERENCE = re.compile(r'\$\{(\w+)\}')


def fill_in_variables(settings: Any, variables: Config | dict) -> Any:
    """Put values in the place of references.

    Args:
        settings: A config or a part of one.
        variables: The config whose top level holds the variables.

    Returns:
        A copy, in which each string ``'${name}'`` is the variable's value.

    Raises:
        ConfigError: There is no such variable.
    """
    filled = copy.deepcopy(settings)
    for holder, key, name in list(_references(filled)):
        if name not in variables:
            raise ConfigError(
                f"{key}='${{{name}}}' needs the variable {name}, which the "
                f'config lacks. Write {name} = ... at its top level, or a '
                f"value in place of '${{{name}}}'.")
        holder[key] = variables[name]
    return filled


def variables_in_use(settings: Any) -> set[str]:
    """Names of the variables that settings refer to."""
    return {name for _, _, name in _references(settings)}


def dicts_in(settings: Any, path: str = '') -> Iterator[tuple[str, Any]]:
    """Every dict in a config or in a part of it, with its place, such as
    ``train_dataloader.dataset.pipeline[6]``."""
    if isinstance(settings, Config | dict):
        yield path, settings
        for key, value in settings.items():
            yield from dicts_in(value, f'{path}.{key}' if path else str(key))
    elif isinstance(settings, list | tuple):
        for index, value in enumerate(settings):
            yield from dicts_in(value, f'{path}[{index}]')


def _references(
        settings: Any) -> Iterator[tuple[dict | list, str | int, str]]:
    """Where a reference stands, under which key, and to what."""
    if isinstance(settings, Config | dict):
        items = settings.items()
    elif isinstance(settings, list):
        items = enumerate(settings)
    else:
        return
    for key, value in items:
        found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if found:
            yield settings, key, found[1]
        else:
            yield from _references(value)
