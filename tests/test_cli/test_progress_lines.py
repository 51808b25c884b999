"""What programs around ``mmderain derain``, and nobody, are told."""

import json

import pytest

from mmderain.cli import progress_lines
from mmderain.cli.derain import main
from mmderain.jobs import segments
from mmderain.jobs.display import Bars
from tests.helpers.videos import pictures, times, write_video


@pytest.fixture
def lines(derain_apart, monkeypatch):
    """The same with every line, each an object, and nothing else."""
    monkeypatch.setattr(progress_lines, '_SECONDS', 0)

    def run(*words):
        status, out, err = derain_apart(*words, '--json-progress')
        assert not out
        return status, [json.loads(line) for line in err.splitlines()]
    return run


def test_each_frame_and_the_end(lines, tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(20))
    status, told = lines(source, tmp_path / 'b.mp4', '--start', '2f', '--end',
                         '0.3')
    assert status == 0
    running = [item for item in told if item['state'] == 'running']
    # frames are counted with an end in seconds, too
    assert [item['frame'] for item in running] == [*range(8), 7]
    for item in running:
        assert item['frames'] == 7
        assert item['input'] == str(source)
        assert item['output'] == str(tmp_path / 'b.mp4')
        assert (item['fps'] is None) == (item['eta'] is None) == (
            item['frame'] == 0)
    assert running[-1]['eta'] == 0 and running[-1]['fps'] > 0
    finished, end = told[-2:]
    assert finished['state'] == 'finished' and finished['frames'] == 7
    assert finished['output'] == str(tmp_path / 'b.mp4')
    assert end == dict(state='end', status=0, error=None, kind=None)


def test_an_error_is_the_last_line(lines, tmp_path):
    status, told = lines(tmp_path / 'no.mp4', tmp_path / 'b.mp4')
    assert status == 2
    assert told[-1]['state'] == 'end' and told[-1]['status'] == 2
    assert told[-1]['kind'] == 'input'
    assert 'it does not exist' in told[-1]['error']


def test_an_archive_tells_what_fails(lines, tmp_path):
    (tmp_path / 'in').mkdir()
    write_video(tmp_path / 'in' / 'a.mp4', pictures(3))
    (tmp_path / 'in' / 'bad.mp4').write_text('no video')
    status, told = lines(tmp_path / 'in', f'{tmp_path}/out/')
    assert status == 1
    failed, = (item for item in told if item['state'] == 'failed')
    assert failed['input'].endswith('bad.mp4') and failed['error']
    finished, = (item for item in told if item['state'] == 'finished')
    assert finished['input'].endswith('a.mp4')
    assert told[-1] == dict(state='end', status=1, error=None, kind=None)


def test_people_see_videos_counted(capsys):
    bars = Bars()
    with bars.begin(None, None, None, 0) as count:
        bars.counted(3, 200)
        count(12)
    assert '3 of 200 videos' in capsys.readouterr().err


def test_ctrl_c_is_told(lines, tmp_path, monkeypatch):
    def stop(*arguments):
        raise KeyboardInterrupt

    source = write_video(tmp_path / 'a.mp4', pictures(3))
    monkeypatch.setattr(segments.Mixer, 'mix', stop)
    status, told = lines(source, tmp_path / 'b.mp4')
    assert status == 130
    assert told[-1] == dict(state='end', status=130, error='stopped',
                            kind='stopped')


def test_what_is_done_before_is_no_speed():
    running = progress_lines._Running(100, 40)
    figures = running.figures()
    assert figures == dict(frame=40, frames=100, fps=None, eta=None)
    running.count(10)
    assert running.figures()['frame'] == 50
    assert running.figures()['fps'] > 0


def test_quiet_says_errors_alone(derain_apart, tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(4))
    assert derain_apart(source, tmp_path / 'b.mp4', '--quiet') == (0, '', '')
    assert times(tmp_path / 'b.mp4') == times(source)
    status, out, err = derain_apart(source, tmp_path / 'b.mp4', '--quiet')
    assert status == 2 and not out
    assert err.startswith('error: ') and len(err.splitlines()) == 1
    (tmp_path / 'bad.mp4').write_text('no video')
    status, out, err = derain_apart(source, tmp_path / 'bad.mp4', '-o',
                              f'{tmp_path}/out/', '--quiet')
    assert status == 1 and not out
    assert err.startswith('failed: ') and len(err.splitlines()) == 1


def test_not_both(capsys):
    with pytest.raises(SystemExit):
        main(['a.mp4', 'b.mp4', '--quiet', '--json-progress'])
    assert 'not allowed with' in capsys.readouterr().err
