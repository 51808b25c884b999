"""Processes stop with their parent, and on a signal where it suits."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from mmderain.processes import StopSignal, deaf_to_ctrl_c, end_with_parent
from tests.tiny import ROOT

PARENT = '''
import os, time
from multiprocessing import get_context
from mmderain.processes import end_with_parent

def child():
    end_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(60)

if __name__ == '__main__':
    get_context('spawn').Process(target=child).start()
    time.sleep(60)
'''


def test_a_signal_waits_for_its_place():
    done = []
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), \
            StopSignal(signal.SIGINT) as stop:
        stop.check()
        os.kill(os.getpid(), signal.SIGINT)
        done.append('what was begun')
        stop.check()
        done.append('what was not')
    assert done == ['what was begun']
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_ignored_signal_stays_ignored(number):
    """As `nohup`, and `&` of a script, ask for it."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with StopSignal(number) as stop, deaf_to_ctrl_c():
            assert signal.getsignal(number) == signal.SIG_IGN
            os.kill(os.getpid(), number)
            stop.check()
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_the_signal_of_one_around_is_heeded_too():
    with StopSignal(signal.SIGTERM):
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt), \
                StopSignal(signal.SIGINT) as inner:
            inner.check()
    with StopSignal(signal.SIGINT) as later:
        later.check()  # that one is over


def test_in_another_thread_nothing_changes():
    before = signal.getsignal(signal.SIGINT)
    found = []

    def enter():
        with StopSignal(signal.SIGINT) as stop:
            stop.check()
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert found == [before]


def test_a_child_does_not_outlive_a_killed_parent(tmp_path):
    script = tmp_path / 'parent.py'
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, '-W', 'ignore', str(script)], text=True,
        stdout=subprocess.PIPE, env={**os.environ, 'PYTHONPATH': str(ROOT)})
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    end = time.monotonic() + 20
    while _is_running(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _is_running(child)
    end_with_parent()  # this process has none: it goes on


def _is_running(process):
    """Whether it is there, and not just waiting to be collected."""
    try:
        with open(f'/proc/{process}/stat') as file:
            return file.read().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False
