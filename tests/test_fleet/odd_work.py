"""Work that goes wrong as it is told; machines of Ray import it."""

import os
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mmderain.errors import NoSpaceError, UserError


@dataclass(frozen=True)
class NoModel:
    """As a restorer, for work that needs none."""

    known_by: str = 'nothing'
    elsewhere: str = 'nothing'

    def builder_elsewhere(self, device, sharers):
        return partial(NoModel, self.elsewhere, self.elsewhere)

    def free_memory(self):
        return 1 << 30

    def fit_tile(self, height, width, free):
        return height, free


@dataclass(frozen=True)
class OddWork:
    """Squares numbers; what is in ``folder`` outlives processes."""

    folder: Path

    @contextmanager
    def begin(self, restorer, progress):
        def do(task):
            kind, number = task
            self.note('begun', task)
            progress.frames(number)
            if kind == 'is_long':
                self.is_long(progress)
            else:
                getattr(self, kind)(number)
            progress.note(f'{number} is odd')
            self.note('done', task)
            return number ** 2

        yield do

    def given_up(self, reason):
        return reason

    def note(self, what, task):
        with (self.folder / what).open('a') as file:
            file.write(f'{task[1]}\n')

    def plain(self, number):
        pass

    def dies(self, number):
        os.kill(os.getpid(), signal.SIGKILL)

    def dies_once(self, number):
        if is_first(self.folder / f'died {number}'):
            self.dies(number)

    def needs_space(self, number):
        """The first process that is asked has a full disk."""
        full = self.folder / 'full'
        if is_first(full):
            full.write_text(str(os.getpid()))
        if full.read_text() == str(os.getpid()):
            self.needs_much(number)

    def needs_much(self, number):
        raise NoSpaceError('No space left.')

    def is_wrong(self, number):
        raise UserError('expected an even number.')

    def is_long(self, progress):
        try:
            for _ in range(400):
                time.sleep(.05)
                progress.frames(0)
        finally:
            (self.folder / 'tidied').touch()

    def is_slow(self, number):
        time.sleep(2)

    def is_at_fault(self, number):
        raise ZeroDivisionError(number)


def is_first(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
