"""A file is the old one or the new one, whatever happens meanwhile."""

import os
import subprocess
import sys

import pytest

from mmderain.errors import UserError
from mmderain.files import cannot_write, write_json
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
