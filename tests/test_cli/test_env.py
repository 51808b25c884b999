"""The command ``mmderain env``."""

import importlib.metadata
import subprocess
import sys

import numpy as np

from mmderain.cli import main as command
from mmderain.version import __version__


def lines_of(text):
    return dict(line.split(':', 1) for line in text.splitlines())


def test_what_is_installed_is_told(capsys):
    assert command.main(['env']) == 0
    said = lines_of(capsys.readouterr().out)
    assert said['mmderain'].split()[0] == __version__
    assert f'numpy {np.__version__}' in said['packages']
    assert f'av {importlib.metadata.version("av")}' in said['packages']
    assert 'onnxruntime' in said['backends']
    assert 'libavcodec' in said['FFmpeg']
    assert sys.executable in said['Python']
    assert 'cores' in said['processor']


def test_what_is_broken_or_missing_stops_nothing():
    code = '''
import sys


class Broken:
    def find_spec(self, name, path, target=None):
        if name == 'torch':
            raise ImportError('libcudart.so.13: cannot open')
        if name == 'av':
            raise ModuleNotFoundError("No module named 'av'", name='av')


sys.meta_path.insert(0, Broken())
from mmderain.cli.main import main
sys.exit(main(['env']))
'''
    done = subprocess.run([sys.executable, '-c', code], text=True, check=True,
                          capture_output=True)
    said = lines_of(done.stdout)
    assert 'PyTorch does not work: libcudart.so.13' in said['GPU']
    assert "PyAV does not work: No module named 'av'" in said['FFmpeg']
