"""Our components in MMagic's workflow, by MMagic's own tools."""

import os
import subprocess
import sys
from pathlib import Path

import mmagic
import pytest

from tests.tiny import ROOT, write_config


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


def test_our_configs_variables_under_mmagics_tool(vrds, tmp_path):
    """A plain Runner: the loop puts the values in."""
    tool = Path(mmagic.__file__).parent / '.mim' / 'tools' / 'train.py'
    config = write_config(tmp_path / 'config.py', vrds)

    def train(*options):
        done = subprocess.run(
            [sys.executable, '-W', 'ignore', str(tool), str(config),
             '--work-dir', str(tmp_path / 'work'), '--cfg-options', *options],
            env=dict(os.environ, PYTHONPATH=str(ROOT)), capture_output=True,
            text=True, check=False)
        return done.returncode, done.stderr

    status, said = train('crop_size=24', 'train_cfg.max_iters=4')
    assert status == 0, said[-3000:]
    assert (tmp_path / 'work' / 'iter_4.pth').is_file()
    # frames are 44x36
    status, said = train('crop_size=40')
    assert status != 0
    assert 'the crop needs 40x40' in said
    status, said = train('param_scheduler.T_max=100')
    assert 'T_max=100 and train_cfg.max_iters=6 disagree' in said
