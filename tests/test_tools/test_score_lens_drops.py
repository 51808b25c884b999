"""The table of drops on the lens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.scripts import status_of
from tests.helpers.videos import pictures, write_checkpoint, write_video

ROOT = Path(__file__).resolve().parents[2]


def test_a_line_for_each_clip(tmp_path):
    clip = write_video(tmp_path / 'street.mp4', pictures(9, (48, 64)))
    weights = write_checkpoint(tmp_path / 'a.pth', 'eevrsr_derain_only')
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', str(
            ROOT / 'tools' / 'score_lens_drops.py'), f'{clip}:1:6',
         '--checkpoint', str(weights), '--frames', '4',
         '--pictures', str(tmp_path / 'seen')],
        cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    head, _, line = done.stdout.splitlines()
    assert head.count('|') == line.count('|')
    inside, outside, whole = map(float, re.search(
        r'\| street \| (\S+) / (\S+) / (\S+) \|', line).groups())
    # drops are what is wrong with it
    assert inside < whole < outside and inside < 25
    assert (tmp_path / 'seen' / 'street.png').is_file()


@pytest.mark.parametrize(('words', 'said'), [
    (['no.mp4', '--model', 'fast'], 'no.mp4: expected a video'),
    (['clip.mp4:99', '--model', 'fast'],
     'clip.mp4: expected frames from 99 on'),
    (['clip.mp4:1:0'], 'expected CLIP[:FIRST[:COUNT]]'),
    (['clip.mp4', '--checkpoint', 'no.pth'], 'no checkpoint no.pth')])
def test_what_cannot_be_scored_is_named(tmp_path, monkeypatch, capsys,
                                        words, said):
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / 'clip.mp4', pictures(3, (48, 64)))
    assert status_of('score_lens_drops', words) == 2
    assert said in capsys.readouterr().err
