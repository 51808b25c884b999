"""Videos of an archive, as workers do them."""

import json
from dataclasses import replace

import pytest

from mmderain.errors import NoSpaceError
from mmderain.jobs import archive_work
from mmderain.jobs.archive_list import Entry, longest_first
from mmderain.jobs.archive_work import ArchiveWork
from mmderain.jobs.display import NOBODY
from mmderain.jobs.options import DerainOptions
from mmderain.jobs.outputs import parts_path
from mmderain.jobs.records import record_path
from mmderain.restorer import Restorer
from tests.helpers.videos import pictures, write_video


@pytest.fixture(scope='module')
def restorer():
    return Restorer(model_name='fast')


@pytest.fixture
def entry(tmp_path):
    return Entry(write_video(tmp_path / 'a.mp4', pictures(4)),
                 tmp_path / 'b.mp4')


def of_fleet():
    return ArchiveWork(DerainOptions(resume=True), None, passes_on=True)


def test_what_a_lost_worker_had_recorded_is_done(restorer, entry,
                                                 monkeypatch):
    """It was killed before it could say so."""
    with of_fleet().begin(restorer, NOBODY) as derain:
        report = derain(entry)
        assert report.frames == 4
        before = entry.target.stat().st_mtime_ns
        # or even before it removed what is needed no more
        parts_path(entry.target).mkdir()
        monkeypatch.setattr(archive_work, 'DerainJob', None)
        assert derain(entry) == report
    assert entry.target.stat().st_mtime_ns == before
    assert not parts_path(entry.target).exists()


def test_a_record_that_tells_less_counts_as_well(restorer, entry,
                                                 monkeypatch):
    """Those of earlier versions do not tell the bytes."""
    with of_fleet().begin(restorer, NOBODY) as derain:
        report = derain(entry)
        assert report.input_bytes == entry.source.stat().st_size
        assert report.output_bytes == entry.target.stat().st_size
        path = record_path(entry.target)
        record = json.loads(path.read_text())
        del record['input_bytes']
        path.write_text(json.dumps(record))
        monkeypatch.setattr(archive_work, 'DerainJob', None)
        assert derain(entry) == replace(report, input_bytes=0)


def test_what_others_have_put_there_is_not_taken_for_it(restorer, entry):
    with of_fleet().begin(restorer, NOBODY) as derain:
        derain(entry)
        entry.target.write_text('precious')
        assert 'is there already' in derain(entry)
    assert entry.target.read_text() == 'precious'


def test_a_full_disk_is_raised_for_others_to_try(restorer, entry,
                                                 monkeypatch):
    def full(*arguments):
        raise NoSpaceError('No space left.')

    monkeypatch.setattr(archive_work, 'DerainJob', full)
    with of_fleet().begin(restorer, NOBODY) as derain, pytest.raises(
            NoSpaceError):
        derain(entry)
    alone = ArchiveWork(DerainOptions(resume=True), None)
    with alone.begin(restorer, NOBODY) as derain:
        assert derain(entry) == 'No space left.'


def test_the_longest_come_first(tmp_path):
    entries = []
    for name, size in (('a', 3), ('b', 9), ('none', None), ('c', 5)):
        entries.append(Entry(tmp_path / name, tmp_path / f'{name}.mp4'))
        if size is not None:
            (tmp_path / name).write_bytes(bytes(size))
    folder = Entry(tmp_path / 'frames', tmp_path / 'frames.mp4')
    folder.source.mkdir()
    for name in ('1.png', '2.png'):
        (folder.source / name).write_bytes(bytes(3))
    known = longest_first([*entries, folder])
    assert [(entry.source.name, size) for entry, size in known.items()] == [
        ('b', 9), ('frames', 6), ('c', 5), ('a', 3), ('none', 0)]
