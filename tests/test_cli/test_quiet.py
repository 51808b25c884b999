"""Users do not read what other packages tell their developers."""

import os
import subprocess
import sys

import pytest

from tests.helpers.videos import pictures, write_video
from tests.tiny import ROOT, write_config


@pytest.fixture
def run(monkeypatch):
    """Run one of the commands as a user does; returns its stderr."""
    # what this suite was started with is not what users have
    monkeypatch.delenv('PYTHONWARNINGS', raising=False)

    def start(*words):
        done = subprocess.run(
            [sys.executable, '-c', 'import sys; from mmderain.cli.main import '
             'main; sys.exit(main())', *map(str, words)],
            env={**os.environ, 'PYTHONPATH': str(ROOT)}, capture_output=True,
            text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr

    return start


def test_deraining_shows_no_warnings(run, tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(3))
    said = run('derain', source, tmp_path / 'b.mp4', '--device', 'cpu')
    assert 'using the weights' in said
    assert 'Warning' not in said


def test_training_shows_no_warnings(run, vrds, tmp_path):
    config = write_config(tmp_path / 'config.py', vrds)
    said = run('train', config, '--work-dir', tmp_path / 'work')
    assert (tmp_path / 'work' / 'iter_6.pth').exists()
    assert 'Warning' not in said
