"""Jobs after each other, ended, failing, crashing, forgotten."""

import os
import signal

import pytest

from mmderain.serve.limits import Limits
from tests.helpers.processes import wait_for
from tests.helpers.served_page import served_page

pytest.importorskip('starlette', reason='the extra [serve] is missing')


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def waiting(tmp_path):
    """What an upload is whose job runs until it is ended, and its process."""
    path = tmp_path / 'pid'

    def process():
        wait_for(lambda: path.is_file() and path.read_text())
        return int(path.read_text())
    return f'wait {path}'.encode(), process


def test_one_at_a_time_in_their_order(serving, waiting):
    visitor = serving()
    first = visitor.upload(waiting[0])
    second, third = visitor.upload(b'rain'), visitor.upload(b'rain')
    running = visitor.until(first, 'running')
    waiting[1]()
    assert visitor.state(first)['progress'] == dict(frame=3, frames=9,
                                                    fps=1.5, eta=4)
    assert running['before'] == 0
    assert [visitor.state(job)['before'] for job in (second, third)] == [1, 2]
    assert visitor.ask(f'/jobs/{first}', 'DELETE')[0] == 204
    assert visitor.until(second, 'done') and visitor.until(third, 'done')


def test_each_job_is_logged_without_the_name_of_its_file(folder, said):
    log = []
    with served_page(folder, said, Limits(), 1, log) as visitor:
        visitor.until(visitor.upload(b'rain', 'my secret.mkv'), 'done')
        visitor.until(visitor.upload(b'refuse', 'mine.mkv'), 'failed')
        wait_for(lambda: len(log) == 2)
    assert 'a .mkv of 0.0 MB: done, 9 frames, ' in log[0]
    assert 'a .mkv of 0.0 MB: failed, ' in log[1]
    assert not [line for line in log if 'secret' in line or 'mine' in line]


def test_several_at_once(serving, waiting):
    visitor = serving(at_once=2)
    visitor.upload(waiting[0])
    waiting[1]()
    assert visitor.until(visitor.upload(b'rain'), 'done')


@pytest.mark.parametrize('how', [b'', b' telling'])
def test_a_job_is_ended_with_its_process(serving, waiting, folder, how):
    visitor = serving()
    job_id = visitor.upload(waiting[0] + how)
    pid = waiting[1]()
    assert visitor.ask(f'/jobs/{job_id}', 'DELETE')[0] == 204
    assert not is_alive(pid) and not any(folder.iterdir())
    assert visitor.ask(f'/jobs/{job_id}', 'DELETE')[0] == 404


def test_a_job_that_does_not_heed_is_killed(serving, waiting, monkeypatch):
    monkeypatch.setattr('mmderain.serve.job_process._SECONDS_TO_END', .3)
    visitor = serving()
    job_id = visitor.upload(waiting[0] + b' deaf')
    pid = waiting[1]()
    visitor.ask(f'/jobs/{job_id}', 'DELETE')
    assert not is_alive(pid)


def test_a_job_that_waits_is_cancelled(serving, waiting):
    visitor = serving()
    first, second = visitor.upload(waiting[0]), visitor.upload(b'rain')
    assert visitor.ask(f'/jobs/{second}', 'DELETE')[0] == 204
    visitor.ask(f'/jobs/{first}', 'DELETE')
    assert visitor.until(visitor.upload(b'rain'), 'done')


def test_a_crash_ends_its_job_alone(serving):
    visitor = serving()
    job_id = visitor.upload(b'crash')
    said = visitor.until(job_id, 'failed')
    assert f'died (signal {int(signal.SIGSEGV)})' in said['error']
    assert visitor.ask(f'/jobs/{job_id}/result')[0] == 404
    assert visitor.until(visitor.upload(b'rain'), 'done')


def test_a_fault_is_printed_without_what_terminals_obey(serving, said):
    visitor = serving()
    failed = visitor.until(visitor.upload(b'fault'), 'failed')
    assert 'The server has printed why' in failed['error']
    assert said == ['Traceback  [31m of a fault']


def test_what_cannot_be_started_is_a_failure(serving, said, monkeypatch):
    monkeypatch.setattr('asyncio.create_subprocess_exec', refuse)
    visitor = serving()
    failed = visitor.until(visitor.upload(b'rain'), 'failed')
    assert 'could not do this job' in failed['error']
    assert 'ulimit -n' in said[0]


async def refuse(*arguments, **options):
    raise OSError(24, 'Too many open files')


def test_a_full_disk_is_said(serving):
    visitor = serving()
    failed = visitor.until(visitor.upload(b'space'), 'failed')
    assert failed['error'].startswith('There is no space left on the server')


def test_time_is_limited(serving, waiting):
    visitor = serving(minutes=.01)
    failed = visitor.until(visitor.upload(waiting[0]), 'failed')
    assert 'longer than 0.01 minutes' in failed['error']
    assert not is_alive(waiting[1]())


def test_too_many_jobs_are_refused(serving, waiting):
    visitor = serving(jobs=2)
    first = visitor.upload(waiting[0])
    visitor.upload(b'rain')
    status, said = visitor.told('/jobs?name=a.mp4', 'POST', b'x')
    assert status == 503 and '2 jobs are waiting' in said['error']
    visitor.ask(f'/jobs/{first}', 'DELETE')
    visitor.upload(b'rain')  # those that are done do not count


def test_results_are_cleared_after_a_while(serving, folder):
    visitor = serving(keep_minutes=.01)
    job_id = visitor.upload(b'rain')
    wait_for(lambda: visitor.ask(f'/jobs/{job_id}')[0] == 404)
    wait_for(lambda: not any(folder.iterdir()))


def test_a_failed_job_keeps_its_words_alone(serving, folder):
    visitor = serving()
    visitor.until(visitor.upload(b'refuse'), 'failed')
    wait_for(lambda: not any(folder.glob('*/*')))


def test_ids_are_long_and_differ(serving):
    visitor = serving(jobs=99)
    ids = {visitor.upload(b'rain') for _ in range(9)}
    assert len(ids) == 9 and all(len(item) == 32 for item in ids)


def test_a_server_that_stops_ends_its_jobs(folder, said, waiting):
    with served_page(folder, said, Limits(), 1) as visitor:
        visitor.upload(waiting[0])
        visitor.upload(b'rain')
        pid = waiting[1]()
    assert not is_alive(pid) and not any(folder.iterdir())
