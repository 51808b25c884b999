"""Archives that are shared out, as a whole."""

import json

import pytest

from mmderain.cli import progress_lines
from mmderain.jobs.archive import derain_archive
from mmderain.jobs.archive_list import Entry
from mmderain.jobs.options import DerainOptions
from mmderain.jobs.workers import OwnProcess
from mmderain.restorer import Restorer
from tests.helpers.videos import pictures, write_video


@pytest.fixture
def lines(tmp_path, monkeypatch, capsys):
    """What is told of all videos, when this process is the fleet."""
    monkeypatch.setattr(progress_lines, '_SECONDS', 0)
    monkeypatch.setattr(OwnProcess, 'device', 'cpu', raising=False)

    def run(*names):
        failed = derain_archive(
            Restorer(model_name='fast'),
            [Entry(tmp_path / name, tmp_path / 'out' / name)
             for name in names], DerainOptions(), None,
            progress_lines.JsonLines(), fleet=OwnProcess)
        told = map(json.loads, capsys.readouterr().err.splitlines())
        return failed, [item for item in told if item['state'] == 'running']
    return run


def test_videos_are_counted(lines, tmp_path):
    for name in 'abc':
        write_video(tmp_path / f'{name}.mp4', pictures(3))
    (tmp_path / 'bad.mp4').write_text('no video')
    assert lines('a.mp4')[0] == 0
    failed, running = lines('a.mp4', 'b.mp4', 'bad.mp4', 'c.mp4')
    assert failed == 1
    assert {item['videos'] for item in running} == {4}
    counts = [item['videos_done'] for item in running]
    assert counts == sorted(counts)
    # also what was done before, and what failed
    assert counts[-1] == 4 and running[-1]['frame'] == 6
