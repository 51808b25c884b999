"""Functions that go wrong as they are told; processes of Ray import them."""

import os
import signal
from pathlib import Path

from mmderain.errors import DataError

_ready: Path | None = None


def start(folder):
    """Note that a process has begun."""
    global _ready
    _ready = Path(folder)
    with (_ready / 'begun').open('a') as file:
        file.write(f'{os.getpid()}\n')


def square(number):
    """What is wanted."""
    assert _ready is not None
    return number, number ** 2


def kill_once(number):
    """The first process that does 3 is lost."""
    known = _ready / 'killed'
    if number == 3 and not known.exists():
        known.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return square(number)


def kill_always(number):
    """Whoever does it is lost."""
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(number):
    """An error in words."""
    raise DataError(f'{number} is odd')


def fail(number):
    """A fault of the program."""
    raise ZeroDivisionError(number)
