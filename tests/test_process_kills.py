"""Killed at random moments, runs go on to what an unbroken one gives."""

import random

import pytest

from tests.reliability.kill_rounds import kill_round, kinds, unbroken


@pytest.mark.slow
def test_killed_at_random_it_goes_on_to_the_same(tmp_path):
    draw = random.Random(0)
    for kind in kinds(tmp_path).values():
        expected, seconds = unbroken(kind, tmp_path)
        for number in range(2):
            done = kill_round(kind, tmp_path / f'{kind.name}{number}',
                              expected, seconds, draw)
            assert not done.problem, (done.kind, done.kills, done.problem)
