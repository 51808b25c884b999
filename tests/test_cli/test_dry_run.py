"""What a dry run says, what it refuses, and that it writes nothing."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from mmderain.cli.derain import main
from mmderain.cli.plan_text import duration
from mmderain.jobs import time_trial
from mmderain.jobs.dry_run import Plan
from tests.helpers.videos import pictures, write_video


@pytest.fixture(autouse=True)
def six_frames(monkeypatch):
    """A trial is of six frames, however busy the machine is."""
    monkeypatch.setattr(time_trial, '_SECONDS', 1e9)
    monkeypatch.setattr(time_trial, '_MOST', 6)


@pytest.fixture
def dry_run(derain, tmp_path):
    """Runs it in a folder, which must not change."""
    def run(*words):
        before = _content(tmp_path)
        status, said = derain(*words, '--dry-run')
        assert _content(tmp_path) == before
        return status, said
    return run


def _content(folder: Path) -> dict:
    return {path: path.read_bytes() if path.is_file() else None
            for path in folder.rglob('*')}


@pytest.fixture
def source(tmp_path):
    return write_video(tmp_path / 'a.mp4', pictures(20), extras=True)


def test_what_is_the_same_for_both_models_is_said_once(dry_run, source,
                                                       tmp_path):
    _, said = dry_run(source, tmp_path / 'b.mp4', '--remove',
                      'streaks,drops', '--backend', 'torch')
    assert 'computes  torch in float32 on cpu' in said


def test_it_says_what_would_be_done(dry_run, source, tmp_path):
    status, said = dry_run(source, tmp_path / 'new' / 'b.mp4', '--save-maps',
                           '--start', '4f', '--tile', '40x48')
    assert status == 0
    assert f'{source} -> {tmp_path / "new" / "b.mp4"}' in said
    assert 'b.removed.mp4' in said
    assert '16 of 64x48, 30 a second' in said
    assert 'eevrsr_derain_only, tiles of 48x40' in said
    assert 'torch in float32 on cpu' in said
    assert 'an estimate by 6 frames' in said and 'nothing was written' in said


def test_programs_read_the_same(dry_run, source, tmp_path):
    status, said = dry_run(source, tmp_path / 'b.mp4', '--json-progress')
    plan, end = map(json.loads, said.splitlines()[-2:])
    assert end['status'] == status == 0
    assert plan.keys() == {'state', *(item.name for item in fields(Plan))}
    assert plan['state'] == 'planned' and plan['frames'] == 20
    assert plan['size'] == [48, 64] and plan['outputs'] == [
        str(tmp_path / 'b.mp4')]
    assert plan['seconds'] > 0 and plan['tried'] == 6


@pytest.mark.parametrize(('words', 'status', 'says'), [
    (('no.mp4', 'b.mp4'), 2, 'does not exist'),
    (('a.mp4', 'there.mp4'), 2, 'is there already'),
    (('a.mp4', 'there.mp4/b.mp4'), 2, 'cannot be written'),
    (('a.mp4', 'b.mp4', '--start', '900f'), 2, 'no frames between'),
    (('a.mp4', 'b.mp4', '--preset', 'quick'), 2, 'quick'),
    (('a.mp4', 'b.xyz'), 2, 'suffixes'),
    (('a.mp4', 'b.mp4', '--mask', 'a.png'), 2, 'a.png')])
def test_it_refuses_as_the_run_does(dry_run, derain, source, tmp_path,
                                    monkeypatch, words, status, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'there.mp4').write_text('precious')
    found = dry_run(*words)
    assert found[0] == status and says in found[1]
    assert derain(*words) == found


def test_unfinished_work_is_looked_at(dry_run, derain, source, tmp_path,
                                      monkeypatch):
    words = (source, tmp_path / 'b.mp4', '--segment-frames', '8')
    with monkeypatch.context() as patch:
        patch.setattr('mmderain.jobs.derain_job.DerainJob._finish', None)
        with pytest.raises(TypeError):
            derain(*words)
    assert (tmp_path / 'b.mp4.parts').is_dir()
    status, said = dry_run(*words)
    assert status == 2 and 'holds unfinished work. Add --resume' in said
    status, said = dry_run(*words, '--resume')
    assert status == 0 and '20 of them done before' in said
    status, said = dry_run(*words, '--resume', '--crf', 30)
    assert status == 2 and 'begun with other settings' in said
    status, said = dry_run(*words, '--overwrite', '--crf', 30)
    assert status == 0 and 'done before' not in said


def test_an_archive(dry_run, derain, tmp_path, monkeypatch):
    folder = tmp_path / 'in'
    (folder / 'day').mkdir(parents=True)
    for name in ('a', 'day/b', 'day/c'):
        write_video(folder / f'{name}.mp4', pictures(4))
    (folder / 'bad.mp4').write_text('no video')
    assert derain(folder / 'a.mp4', '--output-dir', tmp_path / 'out')[0] == 0
    tried = []
    original = time_trial.SegmentWork.begin
    monkeypatch.setattr(time_trial.SegmentWork, 'begin', lambda *words: (
        tried.append(words) or original(*words)))
    status, said = dry_run(folder, f'{tmp_path}/out/')
    assert status == 1
    assert f'would fail: {folder / "bad.mp4"}' in said
    assert re.search(r'2 to do, in about \d+ \w+, as estimated, 1 done '
                     'before, 1 would fail; a dry run', said)
    assert str(tmp_path / 'out' / 'day' / 'c.mp4') in said
    assert len(tried) == 1  # they are of one kind


def test_quiet_has_the_status_alone(checkpoint, source, tmp_path, capsys):
    words = [str(source), str(tmp_path / 'b.mp4'), '--dry-run', '--quiet',
             '--checkpoint', str(checkpoint), '--device', 'cpu']
    assert main(words) == 0
    assert capsys.readouterr() == ('', '')


@pytest.mark.parametrize(('seconds', 'text'), [
    (0.2, 'about 1 s'), (42.4, 'about 42 s'), (59.9, 'about 60 s'),
    (90, 'about 2 min'), (3599, 'about 1 h 00 min'),
    (7500, 'about 2 h 05 min')])
def test_durations(seconds, text):
    assert duration(seconds) == text
