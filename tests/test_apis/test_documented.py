"""What docs/video.md says of Python runs, block after block."""

import re

import numpy as np
import torch
from PIL import Image

from tests.helpers.videos import (
    decoded,
    pictures,
    write_checkpoint,
    write_video,
)
from tests.tiny import ROOT

SECTION = (ROOT / 'docs' / 'video.md').read_text().partition(
    '## In Python\n')[2]
BLOCKS = re.findall(r'```python\n(.*?)```', SECTION, re.S)


def test_the_blocks_run(tmp_path, monkeypatch, capsys):
    clip = pictures(6, (24, 32))
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'configs').symlink_to(ROOT / 'configs')
    write_video(tmp_path / 'rainy.mp4', pictures(3, (24, 32)))
    write_checkpoint(tmp_path / 'eevrsr.pth')
    Image.fromarray(clip[0]).save(tmp_path / 'rainy.png')
    shown = []
    names = dict(frames=np.stack(clip), camera=clip, show=shown.append,
                 batch=torch.rand(1, 3, 3, 24, 32))
    for block in BLOCKS:
        exec(block, names)
        for path in tmp_path.glob('clean.mp4'):
            assert len(decoded(path)) == 3
            path.unlink()  # the next block writes it, too
    assert names['clean'].shape == (6, 24, 32, 3)
    assert names['picture'].size == (32, 24)
    assert names['clips'].shape == names['batch'].shape
    assert f'{names["derain"].delay} frames of delay' in (
        capsys.readouterr().out)
    np.testing.assert_array_equal(shown, [*names['clean']] * 2)
    assert len(BLOCKS) == 5
