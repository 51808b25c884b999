"""An archive goes on, whatever one of its videos brings."""

import os
import re
import shutil

import pytest

from mmderain.jobs import archive, archive_work
from tests.helpers.videos import pictures, times, write_video


def spoilt_for_the_first(monkeypatch, module, name, error):
    original = getattr(module, name)

    def spoilt(*arguments, **settings):
        if any(str(item).endswith('1.mp4') for item in arguments):
            raise error
        return original(*arguments, **settings)

    monkeypatch.setattr(module, name, spoilt)


def test_an_input_that_the_system_refuses(derain, tmp_path, monkeypatch):
    videos = [write_video(tmp_path / f'{number}.mp4', pictures(3))
              for number in (1, 2)]
    for module, name in ((archive, 'judge'), (archive_work, 'DerainJob')):
        spoilt_for_the_first(monkeypatch, module, name, PermissionError(
            13, 'Permission denied', 'secret'))
        status, said = derain(*videos, '--output-dir', tmp_path / name)
        monkeypatch.undo()
        assert status == 1
        assert 'secret: Permission denied. Change the permissions' in said
        assert '1 done, 0 done before, 1 failed' in said
        assert len(times(tmp_path / name / '2.mp4')) == 3


def test_a_fault_of_ours(derain, tmp_path, monkeypatch):
    videos = [write_video(tmp_path / f'{number}.mp4', pictures(3))
              for number in (1, 2)]
    spoilt_for_the_first(monkeypatch, archive_work, 'DerainJob',
                         KeyError('lost'))
    status, said = derain(*videos, '--output-dir', tmp_path / 'out')
    assert status == 1
    assert 'fault of mmderain' in said and "KeyError: 'lost'" in said
    assert 'in spoilt' in said  # where it happened
    assert len(times(tmp_path / 'out' / '2.mp4')) == 3


@pytest.fixture
def archive_of_two(derain, tmp_path):
    """Two videos that are done; gives what does the rest of them."""
    videos = [write_video(tmp_path / f'{name}.mp4', pictures(20))
              for name in 'ab']
    words = *videos, '--output-dir', tmp_path / 'out', '--segment-frames', 8
    assert derain(*words)[0] == 0
    return lambda: derain(*words)


def follow(say, status=1):
    """Do what a message says until there is nothing more to do."""
    for _ in range(3):
        found, said = say()
        if not found:
            return said
        assert found == status
        place = re.search(r': (\S+) (?:is there already|was begun)', said)[1]
        assert 'ove it away' in said
        shutil.move(place, f'{place}.away')
    raise AssertionError(said)


@pytest.mark.parametrize('change', ['input', 'output', 'record'])
def test_one_alone_is_done_again(archive_of_two, tmp_path, change):
    """Nothing that is finished is, when a message is taken at its word."""
    output = tmp_path / 'out' / 'b.mp4'
    if change == 'input':
        os.utime(tmp_path / 'b.mp4', (1, 1))
    elif change == 'output':
        os.utime(output, (1, 1))
        output.write_bytes(output.read_bytes() + b'more')
    else:
        output.with_name('b.mp4.done.json').unlink()
    assert '1 done, 1 done before, 0 failed' in follow(archive_of_two)
    assert len(times(output)) == 20


def test_work_that_was_begun_otherwise_is_begun_anew_alone(
        archive_of_two, tmp_path, monkeypatch):
    write_video(tmp_path / 'b.mp4', pictures(30))
    (tmp_path / 'out' / 'b.mp4').unlink()
    with monkeypatch.context() as patch:
        patch.setattr('mmderain.jobs.derain_job.DerainJob._finish', None)
        assert archive_of_two()[0] == 1
    write_video(tmp_path / 'b.mp4', pictures(12))
    assert '1 done, 1 done before, 0 failed' in follow(archive_of_two)
    assert len(times(tmp_path / 'out' / 'b.mp4')) == 12
