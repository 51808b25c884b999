"""Threads that receive, where the program ends before they do."""

import subprocess
import sys
import time

import pytest

from tests.helpers.live import served, write_live
from tests.tiny import ROOT

# C libraries need their time at the end of a process, after Python's; PyAV
# asks Python for the time ten times a second while it waits
SLOW_END = '''
import ctypes
libc = ctypes.CDLL(None)
libc.__cxa_atexit(ctypes.cast(libc.usleep, ctypes.c_void_p),
                  ctypes.c_void_p(500_000), None)
'''
RECEIVES = '''
import sys
from mmderain.media.live_address import LiveAddress
from mmderain.media.live_input import LiveInput
from mmderain.media.live_source import LiveSource
wanted = LiveInput(LiveAddress.parse(sys.argv[1]), timeout=1)
source = LiveSource(wanted)
source.open(lambda: None)
source.close()
'''
COMMAND = '''
import sys
from mmderain.cli.main import main
sys.exit(main())
'''


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    return write_live(tmp_path_factory.mktemp('live') / 'a.ts', 24)


def ended(code, *words):
    """A program that has ended, and how many seconds it took."""
    began = time.monotonic()
    return subprocess.run(
        [sys.executable, '-c', SLOW_END + code, *map(str, words)], cwd=ROOT,
        capture_output=True, text=True, timeout=120
    ), time.monotonic() - began


def test_a_program_ends_after_those_that_receive(clip):
    with served(clip.read_bytes(), then='silence') as address:
        process, _ = ended(RECEIVES, address)
    assert process.returncode == 0, process.stderr


def test_a_command_does_not_wait_for_them(clip, tmp_path):
    output = tmp_path / 'b.mkv'
    with served(clip.read_bytes(), then='silence') as address:
        process, seconds = ended(
            COMMAND, 'derain', address, output, '-t', '0.5', '--strength',
            '0', '--remove', 'streaks', '--device', 'cpu', '--backend',
            'onnxruntime', '--timeout', '100')
    assert process.returncode == 0, process.stderr
    assert seconds < 60
    assert 'b.mkv: 15 frames' in process.stdout
