"""One process at a time in a folder."""

import errno
import subprocess
import sys

import pytest

from mmderain.errors import UserError
from mmderain.folder_lock import alone_in

_HOLD = '''
import sys, time
from pathlib import Path
from mmderain.folder_lock import alone_in
with alone_in(Path(sys.argv[1])):
    print('in', flush=True)
    time.sleep(float(sys.argv[2]))
'''


@pytest.fixture
def hold(tmp_path):
    """Starts a process that works in the folder for some seconds."""
    started = []

    def start(seconds):
        process = subprocess.Popen(
            [sys.executable, '-c', _HOLD, tmp_path / 'set', str(seconds)],
            stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == 'in\n'
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_second_is_refused_and_nothing_is_left(tmp_path, hold):
    process = hold(60)

    with pytest.raises(UserError, match='set: another process is writing'), \
            alone_in(tmp_path / 'set'):
        pass

    process.kill()  # which leaves no lock behind
    process.wait()
    with alone_in(tmp_path / 'set'):
        assert not any((tmp_path / 'set').iterdir())


def test_the_second_waits_as_long_as_is_asked(tmp_path, hold):
    hold(.5)

    with alone_in(tmp_path / 'set', patience=30):
        pass


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / 'file').write_text('mine')

    with pytest.raises(FileExistsError, match='file'), \
            alone_in(tmp_path / 'file'):
        pass


def test_a_disk_that_knows_no_locks_keeps_nobody_out(tmp_path, monkeypatch):
    def flock(handle, how):
        raise OSError(errno.ENOLCK, 'No locks available')

    monkeypatch.setattr('mmderain.folder_lock.fcntl.flock', flock)
    with alone_in(tmp_path), alone_in(tmp_path):
        pass
