"""Processes that share work, and how they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mmderain import processes
from mmderain.errors import DataError
from mmderain.processes import in_processes
from tests.helpers.processes import hear_ctrl_c

ROOT = Path(__file__).resolve().parents[1]


def _double(value):
    return 2 * value, os.getpid()


def _die(value):
    os._exit(1)


def _full(value):
    raise OSError(28, 'No space left on device')


@pytest.mark.parametrize('workers', [1, 3])
def test_every_item_once(workers):
    done = list(in_processes(_double, range(9), workers))
    assert sorted(value for value, _ in done) == list(range(0, 18, 2))
    assert (os.getpid() in {process for _, process in done}) == (workers == 1)


def test_a_dead_process_is_an_error_that_says_what_to_do():
    with pytest.raises(DataError, match='processes died.*run again'):
        list(in_processes(_die, range(3), 2))


@pytest.mark.parametrize('workers', [1, 2])
def test_a_full_disk_is_an_error_that_says_what_to_do(workers):
    with pytest.raises(DataError, match='No space left.*Free some space'):
        list(in_processes(_full, range(3), workers))


def test_ctrl_c_waits_until_the_pool_is_made(monkeypatch):
    """Or what was made of it is never removed."""
    made = []

    class Pool(processes.ProcessPoolExecutor):
        def __init__(self, *args):
            os.kill(os.getpid(), signal.SIGINT)
            super().__init__(*args)
            made.append(self)

    monkeypatch.setattr(processes, 'ProcessPoolExecutor', Pool)
    with pytest.raises(KeyboardInterrupt):
        list(processes.in_processes(_double, range(3), 2))
    assert made


@pytest.mark.parametrize('wait', [False, True])
def test_ctrl_c_is_answered_with_one_line(tmp_path, wait):
    """While the processes start, and while they work."""
    process = subprocess.Popen(
        [sys.executable, '-m', 'mmderain', 'render-clips', tmp_path / 'set',
         '--train', '4000', '--val', '0', '--workers', '2'],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=hear_ctrl_c,
        env=dict(os.environ, PYTHONPATH=str(ROOT)))
    facts = tmp_path / 'set' / 'train' / 'clips.jsonl'
    began = facts if wait else facts.with_name('meta.json')
    while not began.exists():
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert 'resumes from here' in said.splitlines()[-1]
    assert 'Traceback' not in said
