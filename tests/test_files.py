"""A file is the old one or the new one, whatever happens meanwhile."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from socket import AF_UNIX, socket

import pytest

from mmderain import files
from mmderain.errors import NoSpaceError, UserError
from mmderain.files import resumable, write_json
from mmderain.unwritten import cannot_write
from tests.tiny import ROOT

_KILLED = '''
import os, signal, sys
from pathlib import Path
from mmderain import files

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(files.os, sys.argv[1], die)
files.write_json(Path(sys.argv[2]), dict(new=list(range(1000))))
'''


@pytest.mark.parametrize('moment', ['fsync', 'replace'])
def test_a_kill_leaves_the_old_json(tmp_path, moment):
    path = tmp_path / 'a.json'
    write_json(path, dict(old=1))
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, '-c', _KILLED, moment, str(path)], cwd=ROOT,
        env={**os.environ, 'PYTHONPATH': str(ROOT)}, check=False)
    assert done.returncode == -9
    assert path.read_bytes() == before


def test_a_failure_leaves_the_old_json_alone(tmp_path, monkeypatch):
    path = tmp_path / 'a.json'
    write_json(path, dict(old=1))
    before = path.read_bytes()
    seen = []

    def fail(source, target):
        seen.append(path.read_bytes())
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'replace', fail)
    with pytest.raises(UserError, match='No space left'):
        write_json(path, dict(new=1))
    assert seen == [before] and path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize('overwrite', [True, False])
def test_what_was_finished_and_vanished(tmp_path, overwrite):
    source, target = tmp_path / 'a.unfinished.mkv', tmp_path / 'a.mkv'
    with pytest.raises(UserError, match=(
            'a.unfinished.mkv, which was finished, has been removed during '
            'the work. Run again')):
        files.place(source, target, overwrite)


def test_who_can_resume_is_told_so():
    with pytest.raises(NoSpaceError, match='kept. Add --resume to continue'), \
            resumable():
        raise cannot_write(Path('a'), OSError(errno.ENOSPC, 'No space left'))
    with pytest.raises(UserError, match='^b$'), resumable():
        raise UserError('b')


def test_what_a_killed_process_has_left_goes_after_a_while(tmp_path):
    path = tmp_path / 'a[1].json'
    old, new, other = (tmp_path / f'.{name}.unfinished' for name in (
        'a[1].json.7', 'a[1].json.8', 'a1.json.9'))
    for left in (old, new, other):
        left.write_text('{')
    for left in (old, other):
        os.utime(left, (1, 1))
    write_json(path, {})
    assert not old.exists() and new.exists() and other.exists()


@pytest.mark.parametrize('write', [
    lambda path: files.write_whole(path, 'text'),
    lambda path: files.place(path.with_name('new'), path, overwrite=True)])
def test_what_is_no_file_is_never_replaced_by_one(tmp_path, write):
    """As root, /dev/null is only a name in a folder."""
    (tmp_path / 'new').write_text('new')
    os.mkfifo(tmp_path / 'pipe')
    (tmp_path / 'link').symlink_to('pipe')
    for name in ('pipe', 'link'):
        with pytest.raises(UserError, match='a pipe is there'):
            write(tmp_path / name)
    with socket(AF_UNIX) as server:
        server.bind(str(tmp_path / 'socket'))
        with pytest.raises(UserError, match='a socket is there'):
            write(tmp_path / 'socket')
    assert (tmp_path / 'pipe').is_fifo() and (tmp_path / 'link').is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {
        'new', 'pipe', 'link', 'socket'}


def test_json_that_nobody_wrote_is_none():
    for text in ('[' * 100_000, '{"a":' * 100_000, '{'):
        with pytest.raises(ValueError):
            files.parse_json(text)
    assert files.parse_json('{"a": [1]}') == dict(a=[1])
