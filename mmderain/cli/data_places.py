"""Where a config reads its data: what in the environment decides it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mmderain.config_file import variables_of
from mmderain.errors import DataError

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmengine.config import Config


def what_decides(cfg: 'Config', problems: str) -> list[str]:
    """A line for each variable of the environment that problems are due to.

    Args:
        cfg: As it was read; its text has the variables.
        problems: Name the places in which data were looked for.
    """
    lines = []
    for name, default in variables_of(cfg.text or '').items():
        place = os.environ.get(name, default)
        # not the beginning of another one
        named = rf'(?<!\S){re.escape(place)}(?![\w.-])'
        if place and re.search(named, problems):
            lines.append(
                f'{name} in the environment says so. If they are elsewhere, '
                'set it to the folder that holds them.'
                if name in os.environ else
                f'Data are looked for in {place} where nothing else is said. '
                f'To say it: export {name}=/path/to/the/data')
    return lines


@contextmanager
def data_places_named(cfg: 'Config') -> Iterator[None]:
    """Say of data that are not there how another place is named.

    Raises:
        DataError: As it came, and what decides about the place.
    """
    try:
        yield
    except DataError as error:
        lines = what_decides(cfg, str(error))
        if not lines:
            raise
        raise DataError('\n'.join((str(error), *lines))) from error
