"""What computes is chosen once for a video, and followed when it goes on."""

import json
import shutil

import numpy as np
import pytest

from mmderain.backends import choice
from mmderain.cli.derain import main
from mmderain.jobs import derain_job
from tests.helpers.lean import hidden
from tests.helpers.videos import decoded, write_video
from tests.test_models.test_aligned_median.test_derainer import rainy_pan

OPTIONS = ['--segment-frames', '5', '--dtype', 'float32', '--codec', 'ffv1']
ONE, TWO = ['--device', 'cpu'], ['--devices', 'cpu,cpu']


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp('video') / 'a.mkv',
                       list(rainy_pan(12, (54, 72))), 'ffv1', 'yuv444p')


@pytest.fixture
def derain(monkeypatch, tmp_path, capsys):
    """Run the command where a backend is the faster one."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))

    def run(source, target, *options, faster, stop=False):
        monkeypatch.setattr(choice, '_measured', lambda network: faster)
        shutil.rmtree(tmp_path / 'cache', ignore_errors=True)
        with monkeypatch.context() as stopped:
            if stop:
                stopped.setattr(derain_job, 'place', lambda *args: 1 / 0)
            status = 1
            try:
                status = main([str(source), str(target), *OPTIONS, *options])
            except ZeroDivisionError:
                assert stop
        return status, capsys.readouterr().err
    return run


@pytest.mark.parametrize('faster', ['torch', 'onnxruntime'])
@pytest.mark.parametrize('devices', [ONE, TWO])
def test_what_goes_on_computes_as_it_began(derain, video, tmp_path, faster,
                                           devices):
    target = tmp_path / 'b.mkv'
    derain(video, target, *ONE, faster=faster, stop=True)
    state = json.loads((tmp_path / 'b.mkv.parts/state.json').read_text())
    assert state['settings']['backend'] == f'{faster}, {faster}'
    other, = {'torch', 'onnxruntime'} - {faster}
    status, said = derain(video, target, *ONE, '--backend', other,
                          '--resume', faster=other)
    assert status == 2
    assert (f"backend was '{faster}, {faster}' and is '{other}, {other}'"
            in said)
    for segment in (tmp_path / 'b.mkv.parts').rglob('*.mkv'):
        segment.unlink()
    assert derain(video, target, *devices, '--resume', faster=other)[0] == 0
    whole = tmp_path / 'c.mkv'
    assert derain(video, whole, *ONE, '--backend', faster,
                  faster=other)[0] == 0
    np.testing.assert_array_equal(decoded(target), decoded(whole))


def test_what_is_not_installed_cannot_be_followed(derain, video, tmp_path):
    target = tmp_path / 'b.mkv'
    derain(video, target, *ONE, faster='torch', stop=True)
    with hidden('mmagic'):
        status, said = derain(video, target, *ONE, '--resume', faster='torch')
    assert status == 2
    assert "backend was 'torch, torch' and is 'onnxruntime, onnx" in said


def test_who_waits_for_a_trial_is_told(derain, video, tmp_path):
    _, said = derain(video, tmp_path / 'b.mkv', *ONE, faster='torch')
    assert 'trying once which is faster here, torch or onnxrunt' in said
    assert said.index('trying once') < said.index('using the weights')
    _, said = derain(video, tmp_path / 'c.mkv', *ONE, '--quiet',
                     faster='torch')
    assert said == ''


def test_records_hold_for_both(derain, video, tmp_path):
    folder = f'--output-dir={tmp_path / "clean"}'
    records = []
    for faster in ('torch', 'onnxruntime'):
        assert derain(video, folder, *ONE, faster=faster)[0] == 0
        record, = (tmp_path / 'clean').glob('*.done.json')
        records.append(json.loads(record.read_text()))
    first, second = records
    assert first == second  # it was not done again
    assert 'backend' not in first['settings']


def test_both_stages_follow(derain, video, tmp_path):
    target, stages = tmp_path / 'b.mkv', ['--remove', 'streaks,drops']
    derain(video, target, *ONE, *stages, faster='torch', stop=True)
    state = json.loads((tmp_path / 'b.mkv.parts/state.json').read_text())
    assert state['settings']['backend'] == 'torch, torch'
    assert derain(video, target, *ONE, *stages, '--resume',
                  faster='onnxruntime')[0] == 0
