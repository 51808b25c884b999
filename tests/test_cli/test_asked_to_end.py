"""SIGTERM is answered as Ctrl-C is: in a line, from the first moment on."""

import os
import signal
import subprocess
import sys
import time

import pytest

from mmderain.cli.asked_to_end import heeding_signals
from tests.helpers.processes import hear_ctrl_c
from tests.tiny import ROOT

LOADING = '''
import sys, time

class Slow:
    def find_spec(self, name, *others):
        if name.partition('.')[0] in ('torch', 'mmengine', 'av', 'cv2'):
            print('loading', flush=True)
            time.sleep(60)

sys.meta_path.insert(0, Slow())
from mmderain.cli.main import main
sys.exit(main(sys.argv[1:]))
'''
STUCK = '''
import ctypes, sys
from mmderain.cli import asked_to_end, common

asked_to_end.SECONDS = 0.3

def wait_for_ever():
    print('loading', flush=True)
    lock = ctypes.create_string_buffer(64)
    while True:  # a lock of C knows nothing of signals
        ctypes.CDLL(None).pthread_mutex_lock(lock)

sys.exit(common.run(wait_for_ever))
'''


def stopped(code, number, *words, cwd=None):
    """Send a signal to a process when it says that it loads."""
    process = subprocess.Popen(
        [sys.executable, '-c', code, *words], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c, cwd=cwd,
        env={**os.environ, 'PYTHONPATH': str(ROOT)})
    try:
        assert process.stdout.readline() == 'loading\n'
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, said
    assert said == 'stopped\n'


@pytest.mark.parametrize('words', [
    'derain a.png b.png', 'derain - b.mkv --size 8x8 --fps 5 --pix-fmt rgb24',
    'train ViMPNet_small', 'test ViMPNet_small a.png',
    'export aligned_median b.onnx', 'benchmark vimpnet', 'synthesize in b',
    'check-data ViMPNet_small', 'render-clips b'])
def test_a_polite_kill_while_it_loads(words, tmp_path):
    (tmp_path / 'in').mkdir()
    (tmp_path / 'a.png').write_bytes(b'x')
    stopped(LOADING, signal.SIGTERM, *words.split(), cwd=tmp_path)
    assert not list(tmp_path.glob('b*'))


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_who_waits_in_a_library_is_ended(number):
    stopped(STUCK, number)


def test_handlers_are_put_back():
    before = [signal.getsignal(number)
              for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(KeyboardInterrupt), heeding_signals():
        os.kill(os.getpid(), signal.SIGTERM)
    assert before == [signal.getsignal(number)
                      for number in (signal.SIGINT, signal.SIGTERM)]


def test_an_interrupt_that_python_drops_comes_again():
    class Closed:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGTERM)
            sum(range(10))  # here it is raised, and dropped

    with pytest.raises(KeyboardInterrupt), heeding_signals():
        Closed()
        time.sleep(20)
