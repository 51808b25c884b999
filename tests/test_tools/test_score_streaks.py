"""The table of rain streaks."""

import re
import subprocess
import sys
from pathlib import Path

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
