"""A folder for as long as the server runs, and what killed ones have left."""

import os
import stat
import subprocess
import sys

import pytest

from mmderain.serve.work_folder import MARKER, clear_left, work_folder


def test_it_is_private_and_gone_at_the_end(tmp_path):
    with work_folder(tmp_path) as folder:
        assert folder.parent == tmp_path
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / 'job').mkdir()
        (folder / 'job' / 'a.mp4').touch()
    assert not any(tmp_path.iterdir())


def test_it_is_gone_after_an_error(tmp_path):
    with pytest.raises(KeyError), work_folder(tmp_path):
        raise KeyError
    assert not any(tmp_path.iterdir())


def test_what_a_killed_server_left_is_cleared(tmp_path):
    code = ('import os, pathlib\n'
            'from mmderain.serve.work_folder import work_folder\n'
            f'with work_folder(pathlib.Path({str(tmp_path)!r})) as folder:\n'
            '    (folder / "a.mp4").touch()\n'
            '    os._exit(9)\n')
    subprocess.run([sys.executable, '-c', code], check=False)
    left, = tmp_path.iterdir()
    with work_folder(tmp_path) as folder:
        assert [*tmp_path.iterdir()] == [folder] and folder != left


def test_nothing_else_is_cleared(tmp_path):
    foreign = tmp_path / 'mmderain-serve-of-a-user'
    foreign.mkdir()
    (foreign / 'mine.mp4').touch()
    elsewhere = tmp_path / 'elsewhere'
    elsewhere.mkdir()
    (elsewhere / MARKER).touch()
    link = tmp_path / 'mmderain-serve-link'
    link.symlink_to(elsewhere)
    (tmp_path / 'mmderain-serve-file').touch()
    with work_folder(tmp_path) as folder:  # of a server that runs
        clear_left(tmp_path)
        assert (folder / MARKER).is_file()
    assert (foreign / 'mine.mp4').is_file() and link.is_symlink()
    assert (elsewhere / MARKER).is_file()
    assert (tmp_path / 'mmderain-serve-file').is_file()


@pytest.mark.skipif(os.getuid() != 0, reason='only root makes files of others')
def test_those_of_other_users_are_left(tmp_path):
    folder = tmp_path / 'mmderain-serve-other'
    folder.mkdir()
    (folder / MARKER).touch()
    os.chown(folder, 12345, 12345)
    clear_left(tmp_path)
    assert folder.is_dir()
