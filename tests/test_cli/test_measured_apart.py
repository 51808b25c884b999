"""Something in a process of its own."""

import atexit
import os

import pytest

from mmderain.cli.measured_apart import Apart
from mmderain.errors import UserError


class Thing:
    """What is built there."""

    def __init__(self, number=0):
        if number < 0:
            raise UserError(f'{number} is too small')
        self.number = number

    def add(self, more):
        self.number += more
        return self.number

    def process(self):
        return os.getpid()

    def die(self):
        os._exit(9)

    def fail(self):
        raise UserError('it rains')

    def at_its_end(self, path):
        atexit.register(path.touch)

    def break_down(self):
        return self.number / 0


def test_it_keeps_its_state_in_a_process_of_its_own():
    with Apart(Thing, 3) as thing:
        assert thing.ask('add', 4) == 7
        assert thing.ask('add', 1) == 8
        process = thing.ask('process')
        assert process != os.getpid()
        # it goes on after an error
        with pytest.raises(UserError, match='^it rains$'):
            thing.ask('fail')
        with pytest.raises(UserError, match='ZeroDivisionError'):
            thing.ask('break_down')
        assert thing.ask('add', 0) == 8
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_it_clears_what_it_has_made(tmp_path):
    """Such as the semaphores of libraries, whose loss was told at the end."""
    with Apart(Thing) as thing:
        thing.ask('at_its_end', tmp_path / 'cleared')
    assert (tmp_path / 'cleared').exists()


def test_a_death_is_told():
    with Apart(Thing) as thing, pytest.raises(UserError, match='lack of mem'):
        thing.ask('die')


def test_what_cannot_be_built_says_why():
    with pytest.raises(UserError, match='-1 is too small'):
        Apart(Thing, -1)
