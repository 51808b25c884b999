"""From nothing to a file of weights, by one command that can be stopped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mmderain.apis import DerainInferencer
from tests.helpers.videos import pictures, write_video

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / 'tools' / 'train_shipped_weights.sh'


def script(*arguments, **environment):
    return subprocess.run(
        ['bash', str(SCRIPT), *map(str, arguments)],
        env=dict(os.environ, PYTHON=sys.executable, **environment),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.slow
def test_everything_from_nothing_and_again(tmp_path):
    small = dict(CLIPS='6', FINETUNE_CLIPS='5', STEPS='2',
                 FINETUNE_STEPS='2', LAST_STEPS='2', FOOTAGE_CLIPS='6',
                 FOOTAGE_STEPS='2', HEAVY_CLIPS='6', HEAVY_STEPS='2',
                 GUIDED_CLIPS='3', GUIDED_STEPS='2',
                 FOOTAGE=str(tmp_path / 'real'),
                 PROCESSES='1')
    (tmp_path / 'real').mkdir()
    write_video(tmp_path / 'real' / 'a.mp4', pictures(9, (192, 240)))
    unvalidated = ('train_cfg.val_begin=99', )
    done = script(tmp_path / 'a', 'tiny', *unvalidated, **small)
    assert done.returncode == 0, done.stdout[-3000:]
    # each part begins with what the one before ended with
    for work in ('work', 'work_finetune', 'work_shipped'):
        assert f'Loaded {tmp_path}/a/{work}/iter_2.pth' in done.stdout
    weights = tmp_path / 'a' / 'weights' / 'tiny.pth'
    first = weights.read_bytes()
    inferencer = DerainInferencer(str(weights), device='cpu')
    frames = torch.zeros(5, 32, 32, 3, dtype=torch.uint8).numpy()
    assert inferencer(frames).shape == frames.shape
    other = script(tmp_path / 'a', 'tiny', *unvalidated,
                   **dict(small, STEPS='4'))
    assert other.returncode == 2 and 'take another folder' in other.stdout
    # stopped in the last part
    (tmp_path / 'a' / 'work_guided' / 'iter_2.pth').unlink()
    again = script(tmp_path / 'a', 'tiny', *unvalidated, **small)
    assert again.returncode == 0, again.stdout[-3000:]
    assert 'Resuming from' in again.stdout
    assert f'{tmp_path}/a/work_guided/iter_1.pth' in again.stdout
    assert weights.read_bytes() == first


def test_processes_have_to_share_the_clips_of_a_step(tmp_path):
    done = script(tmp_path, PROCESSES='4')
    assert done.returncode == 2
    assert 'PROCESSES=4 does not divide 6' in done.stdout
    assert script().returncode == 2


def test_a_folder_of_somebody_else_stays(tmp_path):
    (tmp_path / 'pictures').mkdir()
    (tmp_path / 'pictures' / 'mine.png').write_text('precious')
    done = script(tmp_path)
    assert done.returncode == 2 and 'did not make' in done.stdout
    assert [path.name for path in tmp_path.rglob('*')] == [
        'pictures', 'mine.png']
