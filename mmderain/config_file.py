"""A file is read as a config, or it is said in words why it cannot be."""

import copy
import os
import re
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from mmderain.errors import ConfigError

_WHAT_IT_HOLDS = (
    'A config holds settings: text, numbers, lists and dicts. Leave other '
    'Python out of it; a value of the environment is written '
    "'{{$NAME:default}}'.")

# as MMEngine reads ``'{{$VRDS_ROOT:../data}}'``
_VARIABLE = re.compile(r'\{\{\W?\s*\$(\w+)\s*:\s*([^\s\'"}]*)')
# quotes, backslashes, control characters, bytes that are no UTF-8
_SPOILS = re.compile(r'''['"\\\x00-\x1f\udc80-\udcff]''')


def read_config_file(path: str) -> Any:
    """Read a config; its code is run, as MMEngine does.

    Args:
        path: Of a file that is there.

    Returns:
        mmengine.config.Config: What it says.

    Raises:
        ConfigError: It cannot be read as a config; says why.
    """
    # reading a config is MMEngine's; without one it is not needed
    from mmengine.config import Config

    try:
        cfg = Config.fromfile(path)
        _check_plain(cfg, path)
    except ConfigError:
        raise
    except ImportError as error:
        _check_imports(path, error)
        raise
    # whatever a config's Python code may raise
    except (Exception, SystemExit) as error:
        raise _unreadable(path, error) from error
    return cfg


def variables_of(text: str) -> dict[str, str]:
    """Variables of the environment in a config's text, with defaults."""
    return dict(_VARIABLE.findall(text))


def _unreadable(path: str, error: BaseException) -> ConfigError:
    """The error of a config that cannot be read.

    Args:
        path: Of the config.
        error: Whatever its code has raised, or MMEngine over it.
    """
    hidden = error.__context__
    # of its own last lines, over a folder that was not made
    if isinstance(error, UnboundLocalError) and isinstance(hidden, OSError):
        return ConfigError(
            f'{path} cannot be read as a config: MMEngine needs a place for '
            f'short-lived files, but {hidden}. Name one that can be written, '
            'and is not full: TMPDIR=FOLDER.')
    variable = _variable_at_fault(error)
    if variable is not None:
        return ConfigError(f'{path} cannot be read as a config: {variable}')
    name, said = type(error).__name__, ' '.join(str(error).split())
    if isinstance(error, UnicodeDecodeError):
        said = 'it is not text in UTF-8'
    elif isinstance(error, RecursionError):
        said = 'it leads back to itself by its _base_'
    elif isinstance(error, FileNotFoundError) and error.filename:
        said = f'{error.filename} in its _base_ does not exist'
    elif isinstance(error, SystemExit) or not said:
        said = f'its code ends with {name}{said and " "}{said}'
    else:
        said = f'{name}: {said}'
    # what MMEngine runs of it is no function
    lines = [frame.lineno for frame in traceback.extract_tb(
        error.__traceback__) if frame.name == '<module>']
    where = f' in line {lines[0]} of it or of its _base_' if lines else ''
    remedy = _WHAT_IT_HOLDS if Path(path).suffix == '.py' else 'Mend the file.'
    return ConfigError(
        f'{path} cannot be read as a config: {said}{where}. {remedy}')


def _variable_at_fault(error: BaseException) -> str | None:
    """Which value of the environment spoils the text of a config, or a base.

    MMEngine puts values between quotes that stand there.
    """
    read = [frame.f_locals['filename'] for frame, _ in traceback.walk_tb(
        error.__traceback__) if frame.f_code.co_name == '_file2dict']
    text = ''
    with suppress(OSError, ValueError):  # of which something else is said
        text = Path(read[-1]).read_text('utf-8') if read else ''
    for name in variables_of(text):
        value = os.environ.get(name)
        if value == '':
            return (f'{name} in the environment is empty. Give it a value, or '
                    f'remove it: unset {name}.')
        if value and _SPOILS.search(value):
            return (f'{name} in the environment is {value!r}, which becomes a '
                    'part of its text. Set it to a name without quotes, '
                    'backslashes and line breaks, in UTF-8, such as a link to '
                    'the folder (ln -s).')
    return None


def _check_imports(path: str, error: ImportError) -> None:
    """Say which of a config's own imports is not there.

    Raises:
        ConfigError: It is one of ``custom_imports``, or stands in the text.
    """
    if not str(error).startswith('Failed to import'):
        return
    first = error
    while first.__cause__ or first.__context__:
        first = first.__cause__ or first.__context__
    raise ConfigError(
        f'{path}: what it imports, or its custom_imports, is not there '
        f'({first}). Fix the names, or say where they are: '
        'PYTHONPATH=FOLDER.') from error


def _check_plain(cfg: Any, path: str) -> None:
    """Refuse what is no setting: modules, open files.

    Raises:
        ConfigError: There is something.
    """
    for key, value in cfg.items():
        try:
            copy.deepcopy(value)
        except Exception as error:
            raise ConfigError(
                f'{Path(path)}: {key} is no setting, but a '
                f'{type(value).__name__} of Python. {_WHAT_IT_HOLDS}'
                ) from error
