"""Our components in MMagic's workflow, by MMagic's own tools."""

import os
import subprocess
import sys
from pathlib import Path

import mmagic
import pytest

from tests.tiny import ROOT


@pytest.mark.parametrize('name', ['vimpnet_in_mmagic', 'nafnet_on_vrds'])
def test_mmagic_trains_and_validates(name, vrds, tmp_path):
    """MMagic's train.py and plain Runner, the import line in the config."""
    tool = Path(mmagic.__file__).parent / '.mim' / 'tools' / 'train.py'
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', str(tool),
         str(ROOT / 'tests' / 'data' / 'mmagic' / f'{name}.py'),
         '--work-dir', str(tmp_path)],
        env=dict(os.environ, VRDS_ROOT=str(vrds)), capture_output=True,
        text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert 'PSNR: ' in done.stdout + done.stderr
    assert (tmp_path / 'iter_2.pth').is_file()
