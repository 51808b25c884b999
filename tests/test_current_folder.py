"""Modules of somebody's own that lie beside their videos."""

import os
import subprocess
import sys

import pytest

from mmderain.processes import python_module
from tests.helpers.videos import pictures, write_video
from tests.tiny import ROOT

# of the standard library and not, imported early and late
THEIRS = ('numpy', 'av', 'cv2', 'tqdm', 'random', 'tempfile', 'calendar',
          'csv', 'string')


@pytest.fixture
def folder(tmp_path):
    write_video(tmp_path / 'in.mp4', pictures(8))
    for name in THEIRS:
        (tmp_path / f'{name}.py').write_text(
            f'raise SystemExit("this is not {name}")\n')
    return tmp_path


def test_they_are_not_taken_for_what_mmderain_needs(folder):
    done = subprocess.run(
        [sys.executable, '-m', 'mmderain', 'derain', 'in.mp4', 'out.mp4',
         '--model', 'realtime', '--codec', 'hevc', '--devices', 'cpu,cpu'],
        cwd=folder, env=dict(os.environ, PYTHONPATH=str(ROOT)),
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (folder / 'out.mp4').is_file()


def test_what_is_there_is_found_after_all(folder):
    """By a config, say."""
    (folder / 'of_mine.py').write_text('')
    code = 'import numpy, of_mine; print(of_mine.__file__, numpy.__version__)'
    (folder / 'mmderain').mkdir()
    (folder / 'mmderain' / '__init__.py').write_text(
        f'exec(open({str(ROOT / "mmderain" / "current_folder.py")!r}).read(), '
        f'dict(__file__={str(ROOT / "mmderain" / "a.py")!r}))\n')
    (folder / 'mmderain' / '__main__.py').write_text(code)
    done = subprocess.run([sys.executable, '-m', 'mmderain'], cwd=folder,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert 'of_mine.py' in done.stdout


def test_a_module_finds_what_its_starter_finds(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, 'path', [*sys.path, ''])
    (folder / 'of_mine.py').write_text('import numpy\nprint("found")\n')
    done = subprocess.run(**python_module('of_mine'), capture_output=True,
                          text=True, check=False)
    assert done.stdout == 'found\n', done.stderr
