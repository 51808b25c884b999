"""What is said of options of a command, in the words of Python."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from inspect import signature

from mmderain.errors import UserError
from mmderain.jobs.options import DerainOptions
from mmderain.media.encoding import Encoding
from mmderain.restorer import Restorer

_OPTION = re.compile(r'--([a-z]+(?:-[a-z]+)*)')
_BOTH = ' in Python'  # where both are named
# that are called otherwise
_NAMES = {'model': 'model_name', 'checkpoint': 'model_ckpt',
          'fps': 'DerainOptions(rate=...)',
          'hwaccel': 'DerainOptions(hardware=...)',
          'encoder': 'Encoding(named=...)',
          'encoder-option': 'Encoding(named_options=...)'}


def _names() -> dict[str, str]:
    """What an option is called, by its spelling in a command."""
    values = {field.name: 'True' if field.default is False else '...'
              for field in fields(DerainOptions)}
    options = {name: f'DerainOptions({name}={value})'
               for name, value in values.items()}
    encoding = {field.name: f'Encoding({field.name}=...)'
                for field in fields(Encoding)}
    names = {**dict.fromkeys((*signature(Restorer).parameters, 'remove')),
             **options, **encoding}
    return {name.replace('_', '-'): said or name
            for name, said in names.items()} | _NAMES


@contextmanager
def in_python_words() -> Iterator[None]:
    """Let errors for a user name arguments, where they name options.

    Raises:
        UserError: The same that is raised within, in other words.
    """
    try:
        yield
    except UserError as error:
        names = _names()
        error.args = tuple(_OPTION.sub(
            lambda found: names.get(found[1], found[0]), str(text))
            if _BOTH not in str(text) else text for text in error.args)
        raise
