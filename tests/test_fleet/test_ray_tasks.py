"""Functions by tasks of Ray, and clips that are made so."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from mmderain.errors import DataError, UserError
from mmderain.fleet.cluster import Cluster, Room
from tests.test_fleet import odd_tasks
from tests.tiny import ROOT

pytest.importorskip('ray', reason='the extra [ray] is missing')

from mmderain.fleet import ray_tasks  # noqa: E402
from mmderain.fleet.ray_tasks import in_cluster  # noqa: E402


@pytest.fixture
def call(cluster, tmp_path, monkeypatch):
    """Calls a function; relative paths are this folder's."""
    @contextmanager
    def joined(self):  # this process has done so
        yield Room(2, 2, 1, 'cpu')

    monkeypatch.setattr(Cluster, 'joined', joined)
    monkeypatch.chdir(tmp_path)

    def run(function, items):
        return sorted(in_cluster(Cluster(cluster), function, items,
                                 odd_tasks.start, ('.', )))
    return run


SQUARES = [(number, number ** 2) for number in range(9)]


def test_every_item_once_and_each_process_gets_ready_once(call, tmp_path):
    assert call(odd_tasks.square, range(9)) == SQUARES
    begun = (tmp_path / 'begun').read_text().split()
    assert 1 <= len(begun) == len({*begun})
    # the next call is another one
    assert call(odd_tasks.square, range(3)) == SQUARES[:3]
    assert call(odd_tasks.square, []) == []


def test_what_was_lost_with_a_process_is_done_again(call, tmp_path):
    assert call(odd_tasks.kill_once, range(9)) == SQUARES
    assert (tmp_path / 'killed').exists()


def test_what_loses_every_process_is_told(call):
    with pytest.raises(DataError, match='lost 4 times.*kept: run again'):
        call(odd_tasks.kill_always, [1])


def test_what_a_function_raises(call):
    with pytest.raises(DataError, match='^5 is odd$'):
        call(odd_tasks.refuse, [5])
    with pytest.raises(RuntimeError, match='ZeroDivisionError'):
        call(odd_tasks.fail, [5])


def test_machines_with_other_versions_are_refused(call, monkeypatch):
    monkeypatch.setattr(ray_tasks, '_VERSIONS', dict(opencv='3'))
    with pytest.raises(UserError, match='same versions everywhere'):
        call(odd_tasks.square, [1])


def test_clips_are_those_of_this_machine(cluster, tmp_path):
    (tmp_path / 'settings.json').write_text(
        json.dumps(dict(size=[40, 48], num_frames=5)))
    engine = ['--engine', 'ray', '--address', cluster, '--workers', '2']
    for name, options in (('one', ['--workers', '1']), ('ray', engine)):
        for command in (
                ['render-clips', name, '--train', '40', '--val', '3',
                 '--settings', 'settings.json'],
                ['align-clips', f'{name}/train']):
            subprocess.run(
                [sys.executable, '-W', 'ignore', '-m', 'mmderain', *command,
                 *options], cwd=tmp_path, check=True,
                env={**os.environ, 'PYTHONPATH': str(ROOT)})
    for name in ('clips.npy', 'truth.npy', 'aligned.npy', 'psnr.npy'):
        one, by_ray = (np.load(tmp_path / folder / 'train' / name)
                       for folder in ('one', 'ray'))
        assert one.any()
        np.testing.assert_array_equal(one, by_ray)
    for name in ('clips.jsonl', 'meta.json'):
        one, by_ray = ((tmp_path / folder / 'train' / name).read_text()
                       for folder in ('one', 'ray'))
        assert one == by_ray
