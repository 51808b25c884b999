"""Weights that are damaged at random are read or refused, nothing else."""

import random

import pytest

from tests.reliability.mutations import attempts, changed, sound_caffemodel


@pytest.mark.parametrize('seed', range(2))
def test_damaged_weights_are_read_or_refused(seed, tmp_path, capfd):
    results = attempts(tmp_path, sound_caffemodel(tmp_path),
                       random.Random(seed), lambda count: count >= 250)
    assert results['read'] + results['refused'] == 250, capfd.readouterr().err
    assert results['refused'] > 150
    # faults would leave theirs
    assert [path.name for path in tmp_path.iterdir()] == ['sound.pth']


def test_every_mutation_changes_something():
    draw = random.Random(0)
    content = bytes(range(256)) * 8
    assert sum(changed(content, draw) != content for _ in range(100)) > 95
