"""A file is the old one or the new one, whatever happens meanwhile."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path
from socket import AF_UNIX, socket

import pytest

from mmderain import files
from mmderain.errors import NO_SPACE, NoSpaceError, UserError
from mmderain.files import cannot_write, resumable, write_json
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


def test_a_folder_that_vanished_is_called_that(tmp_path):
    folder = tmp_path / 'out.mp4.parts'
    with pytest.raises(UserError, match=r'out.mp4.parts is not there, or has '
                                        'been removed during the work'):
        try:
            (folder / 'a.mp4').open('wb')
        except OSError as error:
            raise cannot_write(folder / 'a.mp4', error) from error


@pytest.mark.parametrize('overwrite', [True, False])
def test_what_was_finished_and_vanished(tmp_path, overwrite):
    source, target = tmp_path / 'a.unfinished.mkv', tmp_path / 'a.mkv'
    with pytest.raises(UserError, match=(
            'a.unfinished.mkv, which was finished, has been removed during '
            'the work. Run again')):
        files.place(source, target, overwrite)


@pytest.mark.parametrize(('number', 'says'), [
    (errno.ENOSPC, r'No space left for a.mp4: .* \(\d+ MiB are free\). Free'),
    (errno.EDQUOT, 'a.mp4 cannot be written completely: Disk quota exceeded. '
     'Remove files of yours, or have your quota raised'),
    (errno.EFBIG, 'a.mp4 cannot be written completely: File too large. Raise '
     'the limit of files .ulimit -f unlimited., or choose a disk'),
    (errno.EROFS, 'a.mp4 cannot be written: Read-only file system. Choose a '
     'place on another disk'),
    (errno.EACCES, 'a.mp4 cannot be written: Permission denied. Change the '
     'permissions'),
    (errno.EIO, 'a.mp4 cannot be written: Input/output error. The disk may')])
def test_words_fit_what_the_system_says(number, says):
    error = cannot_write(Path('a.mp4'), OSError(number, os.strerror(number)))
    assert re.match(says, str(error)), error
    assert '--resume' not in str(error)
    assert isinstance(error, NoSpaceError) == (number in NO_SPACE)
    assert 'No space left' not in str(error) or number == errno.ENOSPC


def test_a_limit_of_files_is_named_with_its_bytes(monkeypatch):
    monkeypatch.setattr('resource.getrlimit', lambda name: (9000, -1))
    for error in (None, OSError(errno.EFBIG, 'File too large')):
        said = str(cannot_write(Path('a.mp4'), error))
        assert '9000 bytes at most' in said and 'ulimit -f unlimited' in said
        assert 'space' not in said


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
