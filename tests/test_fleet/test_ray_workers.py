"""Workers of Ray: every task is done, whatever becomes of workers."""

from collections import Counter
from contextlib import contextmanager

import pytest

from mmderain.errors import UserError
from mmderain.fleet.cluster import Room
from mmderain.jobs.display import NOBODY
from tests.helpers.processes import wait_for
from tests.test_fleet.odd_work import NoModel, OddWork

pytest.importorskip('ray', reason='the extra [ray] is missing')

from mmderain.fleet import ray_workers  # noqa: E402
from mmderain.fleet.ray_workers import RayWorkers  # noqa: E402

TWO = Room(2, 2, 1, 'cpu')


@contextmanager
def started(restorer=None, room=TWO):
    workers = RayWorkers(room, restorer or NoModel())
    try:
        yield workers
    finally:
        workers.stop()


@pytest.fixture(scope='module')
def workers(cluster):
    """For tests that leave them free."""
    with started() as workers:
        yield workers


class Seen:
    """Progress, and results."""

    def __init__(self):
        self.count, self.notes, self.results = 0, [], []

    def frames(self, count):
        self.count += count

    def note(self, text):
        self.notes.append(text)

    def result(self, worker, task, result):
        self.results.append((task[1], result))


@pytest.fixture
def do(cluster, tmp_path):
    """Does tasks; returns what was seen."""
    def run(workers, tasks, folder=tmp_path):
        seen, rest = Seen(), iter(tasks)
        workers.do(OddWork(folder), lambda worker: next(rest, None),
                   seen.result, seen)
        return seen
    return run


def lines(path):
    return Counter(path.read_text().split())


def test_tasks_are_done_once_by_both(do, workers, tmp_path):
    assert workers.fit_tile(5, 7) == (5, 1 << 30)
    seen = do(workers, [('plain', number) for number in range(20)])
    assert sorted(seen.results) == [(n, n * n) for n in range(20)]
    assert seen.count == sum(range(20))
    assert sorted(seen.notes) == sorted(
        f'{number} is odd' for number in range(20))
    # the same workers do other work
    (tmp_path / 'other').mkdir()
    seen = do(workers, [('plain', 3)], tmp_path / 'other')
    assert seen.results == [(3, 9)]
    assert set(lines(tmp_path / 'begun').values()) == {1}


def test_what_is_lost_is_done_again(do, workers, tmp_path):
    tasks = [('plain', 1), ('dies_once', 2), ('plain', 3), ('dies_once', 4),
             ('plain', 5)]
    seen = do(workers, tasks)
    assert sorted(seen.results) == [(n, n * n) for n in range(1, 6)]
    assert lines(tmp_path / 'begun') == {
        '1': 1, '2': 2, '3': 1, '4': 2, '5': 1}
    assert set(lines(tmp_path / 'done').values()) == {1}
    # what a lost one has told counts no more
    assert seen.count == 15
    assert len([note for note in seen.notes if 'lost' in note]) == 2


def test_what_kills_its_workers_is_given_up(do, workers, tmp_path):
    tasks = [('dies', 2), *(('plain', number) for number in range(3, 9))]
    seen = do(workers, tasks)
    results = dict(seen.results)
    assert '3 workers were lost' in results.pop(2)
    assert results == {n: n * n for n in range(3, 9)}
    assert lines(tmp_path / 'begun')['2'] == 3
    assert seen.count == sum(range(3, 9))


def test_a_full_disk_is_passed_by(do, workers, tmp_path):
    seen = do(workers, [('needs_space', n) for n in range(1, 6)])
    assert sorted(seen.results) == [(n, n * n) for n in range(1, 6)]
    assert max(lines(tmp_path / 'begun').values()) <= 2
    assert any('No space left. Another worker' in note
               for note in seen.notes)


def test_what_fits_nowhere_is_said_once(do, workers, tmp_path):
    seen = do(workers, [('needs_much', 1), ('plain', 2)])
    assert sorted(seen.results, key=str) == [(1, 'No space left.'), (2, 4)]
    assert lines(tmp_path / 'begun')['1'] == 2


def test_who_is_stopped_can_tidy(do, tmp_path):
    """Copies of videos are large."""
    def stop(worker):
        wait_for((tmp_path / 'begun').exists)
        raise KeyboardInterrupt

    tasks = iter([('is_long', 1)])
    with started() as workers, pytest.raises(KeyboardInterrupt):
        workers.do(OddWork(tmp_path),
                   lambda worker: next(tasks, None) or stop(worker),
                   None, NOBODY)
    assert (tmp_path / 'tidied').exists()


def test_what_is_wrong_ends_all(do):
    with started() as workers, pytest.raises(
            UserError, match='^expected an even number.$'):
        do(workers, [('plain', 0), ('is_wrong', 1)])


def test_of_a_fault_the_place_is_said(do, tmp_path):
    with started() as workers:
        with pytest.raises(
                RuntimeError, match='odd_work.py(?s:.)*ZeroDivisionError: 1'):
            do(workers, [('is_slow', 2), ('is_at_fault', 1)])
        # what was being done is no result of what comes next
        (tmp_path / 'other').mkdir()
        seen = do(workers, [('plain', 3)], tmp_path / 'other')
        assert seen.results == [(3, 9)]


def test_what_all_refuse_does_not_wait_for_more_machines(do, monkeypatch):
    with started(room=Room(2, 2, 4, 'cpu')) as workers:  # room for one
        workers.fit_tile(5, 7)
        monkeypatch.setattr(ray_workers, '_PATIENCE', 1)
        seen = do(workers, [('needs_much', 1), ('plain', 2)])
    assert sorted(seen.results, key=str) == [(1, 'No space left.'), (2, 4)]


def test_without_room_nobody_waits_for_ever(cluster, do, monkeypatch):
    monkeypatch.setattr(ray_workers, '_PATIENCE', 1)
    with started(room=Room(1, 1, 99, 'cpu')) as workers:
        with pytest.raises(UserError, match='no room for a worker'):
            workers.fit_tile(5, 7)
        with pytest.raises(UserError, match='no room for a worker'):
            do(workers, [('plain', 1)])


def test_another_model_elsewhere_is_refused(do):
    with started(NoModel('this', 'that')) as workers, pytest.raises(
            UserError, match='No worker can start: .*another model'):
        do(workers, [('plain', 1)])
