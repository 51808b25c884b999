"""The process that does one job of ``mmderain serve``."""

import json

import pytest

from mmderain.cli.serve_job import main
from mmderain.errors import UserError
from tests.helpers.videos import decoded, pictures, times, write_video


@pytest.fixture
def job(tmp_path, monkeypatch, capsys):
    """Does a job on a small video; returns its status and all that it tells.
    """
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / 'rainy.mp4', pictures(6), extras=True)

    def run(limits='{}', *options):
        status = main(['rainy.mp4', 'clean.mp4', limits, '--', '--model',
                       'fast', '--device', 'cpu', *options])
        out, err = capsys.readouterr()
        assert not out
        return status, [json.loads(line) for line in err.splitlines()]
    return run


def test_it_derains_and_writes_what_is_shown(job, tmp_path):
    status, told = job()
    assert status == 0 and told[-1]['state'] == 'end'
    assert [line['frames'] for line in told if line['state'] == 'finished'
            ] == [6]
    # the last part of the work has no output of its own
    assert [line['output'] for line in told if line['state'] == 'running'
            ][-1] is None
    assert times(tmp_path / 'view.mp4') == times(tmp_path / 'clean.mp4')
    before = decoded(tmp_path / 'view.mp4')[0][:, :64]
    assert abs(before.astype(int)
               - decoded(tmp_path / 'rainy.mp4')[0]).mean() < 4


def test_drops_are_shown_where_they_are_looked_for(job, tmp_path):
    assert job('{}', '--remove', 'drops')[0] == 0
    assert decoded(tmp_path / 'view.mp4')[0].shape == (48, 3 * 64, 3)


def test_limits_come_before_work(job, tmp_path):
    status, told = job('{"size": [40, 40]}')
    assert status == 2 and len(told) == 1
    assert told[0]['kind'] == 'input' and 'got 64x48' in told[0]['error']
    assert not (tmp_path / 'clean.mp4').exists()


def test_a_result_that_cannot_be_shown_is_one(job, tmp_path, monkeypatch):
    def refuse(*arguments):
        raise UserError('no space')

    monkeypatch.setattr('mmderain.serve.view.write_view', refuse)
    status, told = job()
    assert status == 0 and (tmp_path / 'clean.mp4').is_file()
    assert told[-2]['text'] == 'The result cannot be shown here: no space'
