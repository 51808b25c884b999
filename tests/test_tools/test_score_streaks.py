"""The table of rain streaks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.scripts import status_of
from tests.helpers.videos import pictures, write_checkpoint, write_video

ROOT = Path(__file__).resolve().parents[2]


def test_a_line_for_each_rain_and_each_clip(tmp_path):
    clip = write_video(tmp_path / 'street.mp4', pictures(9, (48, 64)))
    weights = write_checkpoint(tmp_path / 'a.pth', 'eevrsr_derain_only')
    done = subprocess.run(
        [sys.executable, '-W', 'ignore',
         str(ROOT / 'tools' / 'score_streaks.py'), f'{clip}:1:6',
         '--rain', 'varied_light', 'rainsyn_light', '--checkpoint',
         str(weights)],
        cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    head, _, *lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert all(line.count('|') == head.count('|') for line in lines)
    for line in lines:
        mean, worst = map(float, re.search(
            r'\| (\S+) / (\S+) \|', line).groups())
        assert worst <= mean
    assert lines[2].startswith(f'| {clip}:1:6, no rain |')


def test_the_scenes_that_gain_least(tmp_path, capsys):
    clip = write_video(tmp_path / 'street.mp4', pictures(9, (48, 64)))
    weights = write_checkpoint(tmp_path / 'a.pth', 'eevrsr_derain_only')
    words = [str(clip), '--many', '3', '--checkpoint', str(weights)]
    assert status_of('score_streaks', words) == 0
    lines = capsys.readouterr().out.splitlines()[3:]
    gains = [float(line.split('|')[3]) for line in lines]
    assert len(gains) == 3 and gains == sorted(gains)
    assert any('pixels a frame, rain 0.' in line for line in lines)


@pytest.mark.parametrize(('words', 'said'), [
    (['no.mp4', '--model', 'fast'], 'no.mp4: expected a video'),
    (['clip.mp4:99', '--model', 'fast'],
     'clip.mp4: expected frames from 99 on'),
    (['clip.mp4:1:0'], 'expected CLIP[:FIRST[:COUNT]]'),
    (['clip.mp4', '--rain', 'hail'], "invalid choice: 'hail'"),
    (['--rain', 'light'], 'expected clips'), ([], 'expected clips'),
    (['clip.mp4', '--checkpoint', 'no.pth'], 'no checkpoint no.pth')])
def test_what_cannot_be_scored_is_named(tmp_path, monkeypatch, capsys,
                                        words, said):
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / 'clip.mp4', pictures(3, (48, 64)))
    assert status_of('score_streaks', words) == 2
    assert said in capsys.readouterr().err
