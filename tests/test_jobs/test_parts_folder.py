"""Unfinished work belongs to one run at a time; no part of it is missed."""

import json

import pytest

from mmderain.cli.derain import main
from mmderain.errors import UserError
from mmderain.jobs.parts_folder import PartsFolder
from mmderain.jobs.segments import SegmentMaker
from tests.helpers.videos import (
    decoded,
    pictures,
    times,
    write_checkpoint,
    write_video,
)


@pytest.fixture
def arguments(tmp_path):
    """Of a run in segments of 4 frames."""
    write_video(tmp_path / 'a.mp4', pictures(11, (24, 32)))
    checkpoint = write_checkpoint(tmp_path / 'e.pth', 'eevrsr_derain_only')
    return [str(tmp_path / 'a.mp4'), str(tmp_path / 'b.mp4'), '--checkpoint',
            str(checkpoint), '--device', 'cpu', '--segment-frames', '4']


@pytest.fixture
def unfinished(arguments, monkeypatch, tmp_path):
    """The folder of a run that failed at its last segment."""
    original = SegmentMaker.__call__

    def fail(self, number):
        if number == 2:
            raise UserError('enough')
        return original(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(SegmentMaker, '__call__', fail)
        assert main(arguments) == 2
    return tmp_path / 'b.mp4.parts'


def _content(folder):
    return {path: path.read_bytes() for path in folder.rglob('*')
            if path.is_file()}


@pytest.mark.parametrize('how', ['--resume', '--overwrite'])
def test_two_runs_do_not_share_a_folder(arguments, unfinished, tmp_path,
                                        capsys, how):
    before = _content(unfinished)
    with PartsFolder(tmp_path / 'b.mp4').locked(True, False):
        assert main([*arguments, how]) == 2
        assert 'another process is working on' in capsys.readouterr().err
        assert _content(unfinished) == before
    # the lock goes with the one that held it
    assert main([*arguments, how]) == 0
    assert times(tmp_path / 'b.mp4') == times(tmp_path / 'a.mp4')


@pytest.mark.parametrize('number', [0, 1])
@pytest.mark.parametrize('damage', ['gone', 'cut', 'changed', 'not noted'])
def test_a_segment_that_is_not_whole_is_made_again(
        arguments, unfinished, tmp_path, number, damage):
    segment = unfinished / 'output' / f'{number:05d}.mp4'
    content = bytearray(segment.read_bytes())
    if damage == 'gone':
        segment.unlink()
    elif damage == 'cut':
        segment.write_bytes(content[:-100])
    elif damage == 'changed':
        content[len(content) // 2] ^= 1
        segment.write_bytes(content)
    else:
        path = unfinished / 'state.json'
        state = json.loads(path.read_text())
        del state['segments'][str(number)]
        path.write_text(json.dumps(state))
    assert main([*arguments, '--resume']) == 0
    whole = [arguments[0], str(tmp_path / 'whole.mp4'), *arguments[2:]]
    assert main(whole) == 0
    ours, theirs = (decoded(tmp_path / name) for name in
                    ('b.mp4', 'whole.mp4'))
    assert len(ours) == len(theirs) == 11
    assert all((one == other).all()
               for one, other in zip(ours, theirs, strict=True))


def test_work_that_names_no_backend_was_computed_by_pytorch(
        arguments, unfinished, tmp_path):
    path = unfinished / 'state.json'
    state = json.loads(path.read_text())
    assert state['settings'].pop('backend') == 'torch'
    path.write_text(json.dumps(state))
    assert main([*arguments, '--resume']) == 0
    assert times(tmp_path / 'b.mp4') == times(tmp_path / 'a.mp4')


def test_segments_that_were_moved_to_another_disk(arguments, unfinished,
                                                  tmp_path):
    (unfinished / 'output').rename(tmp_path / 'moved')
    (unfinished / 'output').symlink_to('../moved')
    assert main([*arguments, '--resume']) == 0
    assert times(tmp_path / 'b.mp4') == times(tmp_path / 'a.mp4')
    assert not unfinished.exists() and not (tmp_path / 'moved').exists()
