"""Killed at whatever moment, runs go on to what an unbroken one gives."""

import os
import random
import subprocess
import sys

import pytest

from tests.reliability.kill_rounds import kill_round, kinds, unbroken
from tests.tiny import ROOT


@pytest.mark.slow
def test_killed_at_random_it_goes_on_to_the_same(tmp_path):
    draw = random.Random(0)
    for kind in kinds(tmp_path).values():
        expected, seconds = unbroken(kind, tmp_path)
        for number in range(2):
            done = kill_round(kind, tmp_path / f'{kind.name}{number}',
                              expected, seconds, draw)
            assert not done.problem, (done.kind, done.kills, done.problem)


# fewer at each run of the suite than by hand, where it is each (step 1)
@pytest.mark.parametrize('step', [
    23, pytest.param(5, marks=pytest.mark.slow)])
def test_killed_before_changes_of_files(tmp_path, step):
    """Also while outputs are joined, put in their place and recorded."""
    # a process of its own, as it forks
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-m', 'tests.reliability.kill_points',
         tmp_path, str(step)], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, 'PYTHONPATH': str(ROOT)}, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
