"""Archives whose videos come from a store, or go into one."""

import errno
import json
import shutil
from collections import namedtuple
from threading import Barrier

import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from mmderain import stores
from mmderain.cli.derain import main
from mmderain.errors import NoSpaceError
from mmderain.jobs import archive, staged_job
from mmderain.jobs.archive_list import Entry
from mmderain.jobs.display import NOBODY
from mmderain.jobs.options import DerainOptions
from mmderain.jobs.records import Standing, Verdict
from mmderain.restorer import Restorer
from mmderain.stores import StoreUrl
from tests.helpers.videos import decoded, pictures, write_video

BUCKET = 'memory://bucket'


@pytest.fixture
def derain(capsys):
    """The command, by a network that needs no PyTorch."""
    def run(*arguments):
        status = main([*map(str, arguments), '--model', 'fast'])
        said = capsys.readouterr()
        return status, said.out + said.err
    return run


@pytest.fixture(autouse=True)
def store():
    """In the memory of this process: names and contents."""
    yield MemoryFileSystem.store
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = ['']


@pytest.fixture
def stored(tmp_path):
    """Writes a video and puts it into the store; returns both places."""
    def put(name, frames=6):
        path = write_video(tmp_path / name, pictures(frames, seed=ord(
            name[0])), extras=True)
        url = StoreUrl(f'{BUCKET}/in/{name}')
        stores.send(path, url)
        return path, url
    return put


@pytest.fixture
def run(derain, tmp_path):
    """Derains a list; returns the status and what was said."""
    def run(lines, *arguments, output=f'{BUCKET}/out'):
        (tmp_path / 'list.csv').write_text('\n'.join(map(str, lines)))
        status, said = derain('--list', tmp_path / 'list.csv',
                              '--output-dir', output, '--stage-dir',
                              tmp_path / 'stage', *arguments)
        # nothing stays on this disk
        assert not [*(tmp_path / 'stage').glob('*/*')]
        return status, said
    return run


def there(store):
    return sorted(name.removeprefix('/bucket/out/') for name in store
                  if name.startswith('/bucket/out/'))


def taken(name, tmp_path):
    """A video of the store, as a file."""
    stores.fetch(StoreUrl(f'{BUCKET}/out/{name}'), tmp_path / f'got_{name}')
    return tmp_path / f'got_{name}'


def test_from_a_store_into_it_as_from_disk_to_disk(
        run, stored, store, tmp_path, derain):
    (path, url), (other, _) = stored('a.mp4'), stored('b.mp4')
    # what is on this disk may go there, too
    lines = [url, f'{other},day/c.mp4']
    status, said = run(lines, '--preview', 'side', '--summary',
                       tmp_path / 's.json')
    assert status == 0 and '2 done, 0 done before, 0 failed' in said
    assert f'wrote {BUCKET}/out/a.mp4: 6 frames' in said
    assert there(store) == [
        'a.mp4', 'a.mp4.done.json', 'a.preview.mp4', 'day/c.mp4',
        'day/c.mp4.done.json', 'day/c.preview.mp4']
    assert derain(path, tmp_path / 'one.mp4')[0] == 0
    np.testing.assert_array_equal(decoded(taken('a.mp4', tmp_path)),
                                  decoded(tmp_path / 'one.mp4'))
    record = stores.read_json(StoreUrl(f'{BUCKET}/out/a.mp4.done.json'))
    assert record['input'] == str(url)
    assert record['output'] == f'{BUCKET}/out/a.mp4'
    assert record['frames'] == 6
    summary = json.loads((tmp_path / 's.json').read_text())
    assert summary['frames'] == 12
    assert summary['input_bytes'] == sum(
        item.stat().st_size for item in (path, other))
    assert summary['output_bytes'] == sum(
        len(store[f'/bucket/out/{name}'].getvalue()) for name in there(store)
        if name.endswith('.mp4'))
    # it is not done again, unless it has changed
    status, said = run(lines, '--preview', 'side')
    assert status == 0 and '0 done, 2 done before' in said
    stores.send(other, url)
    status, said = run(lines, '--preview', 'side')
    assert status == 1 and 'the input has changed' in said


def test_a_store_is_asked_for_many_records_at_once(run, stored, monkeypatch):
    """Each answer takes its time, and there may be thousands."""
    lines = [stored(f'{letter}.mp4')[1] for letter in 'abc']
    assert run(lines)[0] == 0
    together, original = Barrier(3, timeout=20), archive.judge

    def judge(*arguments):
        together.wait()
        return original(*arguments)

    monkeypatch.setattr(archive, 'judge', judge)
    status, said = run(lines)
    assert status == 0 and '0 done, 3 done before' in said


def test_what_another_run_has_done_meanwhile_is_done(run, stored,
                                                     monkeypatch):
    _, url = stored('a.mp4')
    assert run([url])[0] == 0
    monkeypatch.setattr(archive, 'judge', lambda *arguments: Verdict(
        Standing.OPEN))  # as it was when this run asked
    monkeypatch.setattr(staged_job, 'DerainJob', None)  # is not needed
    assert run([url])[0] == 0


def test_from_a_store_to_this_disk(run, stored, tmp_path):
    _, url = stored('a.mp4')
    out = tmp_path / 'out'
    status, said = run([url], output=out)
    assert status == 0, said
    assert {path.name for path in out.iterdir()} == {
        'a.mp4', 'a.mp4.done.json'}
    assert len(decoded(out / 'a.mp4')) == 6
    assert '0 done, 1 done before' in run([url], output=out)[1]


def test_a_kill_before_the_record_costs_no_work(run, stored, store,
                                                monkeypatch):
    def killed(*arguments):
        raise KeyboardInterrupt

    _, url = stored('a.mp4')
    with monkeypatch.context() as during:
        during.setattr(staged_job, 'write_record', killed)
        assert run([url])[0] == 130
    assert there(store) == ['a.mp4', 'a.mp4.placing.json']
    before = store['/bucket/out/a.mp4'].getvalue()
    with monkeypatch.context() as during:
        during.setattr(staged_job, 'DerainJob', None)  # is not needed
        status, said = run([url])
    assert status == 0 and '1 done' in said
    assert there(store) == ['a.mp4', 'a.mp4.done.json']
    assert store['/bucket/out/a.mp4'].getvalue() == before


def test_a_kill_after_the_record_leaves_nothing(run, stored, store,
                                                monkeypatch):
    def killed(place):
        raise KeyboardInterrupt

    _, url = stored('a.mp4')
    with monkeypatch.context() as during:
        during.setattr(staged_job.StagedJob, '_check_writable',
                       lambda self: None)
        during.setattr(staged_job, 'remove', killed)
        assert run([url])[0] == 130
    assert there(store) == ['a.mp4', 'a.mp4.done.json', 'a.mp4.placing.json']
    assert '1 done before' in run([url])[1]
    assert there(store) == ['a.mp4', 'a.mp4.done.json']


def test_a_kill_within_is_done_anew(run, stored, store, monkeypatch):
    original, seen = stores.send, []

    def killed(path, url):
        if url.name == 'a.mp4':
            raise KeyboardInterrupt
        seen.append(url.name)
        return original(path, url)

    _, url = stored('a.mp4')
    with monkeypatch.context() as during:
        during.setattr(stores, 'send', killed)
        assert run([url], '--preview', 'side')[0] == 130
    assert there(store) == ['a.mp4.placing.json', 'a.preview.mp4']
    assert run([url], '--preview', 'side')[0] == 0
    assert there(store) == ['a.mp4', 'a.mp4.done.json', 'a.preview.mp4']


def test_what_others_have_put_there_stays(run, stored, store):
    path, url = stored('a.mp4')
    stores.send(path, StoreUrl(f'{BUCKET}/out/a.mp4'))
    status, said = run([url])
    assert status == 1
    assert f'{BUCKET}/out/a.mp4 is there already. Move it away' in said
    assert store['/bucket/out/a.mp4'].getvalue() == path.read_bytes()
    assert run([url], '--overwrite')[0] == 0
    assert store['/bucket/out/a.mp4'].getvalue() != path.read_bytes()


def test_what_fails_stops_nothing(run, stored, store, tmp_path):
    _, url = stored('a.mp4')
    (tmp_path / 'bad.mp4').write_text('no video')
    stores.send(tmp_path / 'bad.mp4', StoreUrl(f'{BUCKET}/in/bad.mp4'))
    status, said = run([f'{BUCKET}/in/bad.mp4', f'{BUCKET}/in/none.mp4',
                        f'{BUCKET}/in/frames', url])
    assert status == 1 and '1 done, 0 done before, 3 failed' in said
    # by the names that a user knows
    assert f'{BUCKET}/in/bad.mp4' in said and 'stage' not in said
    assert 'none.mp4: expected a file, but the store has none' in said
    assert 'in/frames: expected a video or an image' in said
    assert there(store) == ['a.mp4', 'a.mp4.done.json']


def test_a_disk_that_fills_up_while_copying(run, stored, monkeypatch):
    """As a lack of space, so that a worker with another disk tries it."""
    def full(self, *arguments, **settings):
        raise OSError(errno.ENOSPC, 'No space left on device')

    _, url = stored('a.mp4')
    monkeypatch.setattr(MemoryFileSystem, 'get_file', full)
    with pytest.raises(NoSpaceError, match=f'No space left for {url}'):
        staged_job.StagedJob(
            Restorer(model_name='fast'), Entry(url, StoreUrl(
                f'{BUCKET}/out/a.mp4')), DerainOptions(), NOBODY, None).run({})


def test_space_is_looked_for_first(run, stored, store, monkeypatch):
    _, url = stored('a.mp4')
    usage = namedtuple('usage', 'total used free')
    monkeypatch.setattr(shutil, 'disk_usage', lambda path: usage(9, 9, 9))
    status, said = run([url])
    assert status == 1 and 'No space left for' in said
    assert '--stage-dir' in said and there(store) == []


def test_a_file_by_its_address_is_a_file(run, derain, tmp_path):
    path = write_video(tmp_path / 'a.mp4', pictures(4))
    before = path.read_bytes()
    assert run([f'file://{path}'], output=f'file://{tmp_path}/out')[0] == 0
    assert {path.name for path in (tmp_path / 'out').iterdir()} == {
        'a.mp4', 'a.mp4.done.json'}
    # so that it is seen where one would destroy it
    status, said = run([f'file://{path}'], '--overwrite', output=tmp_path)
    assert status == 2 and 'outside the input' in said
    assert path.read_bytes() == before
    assert derain(f'file://{path}', tmp_path / 'b.mp4')[0] == 0


def test_what_has_come_meanwhile_stays(run, stored, store, monkeypatch):
    """While a video was derained, which may take hours."""
    path, url = stored('a.mp4')
    other, original = StoreUrl(f'{BUCKET}/out/a.mp4'), staged_job.DerainJob

    def slow(*arguments, **settings):
        stores.send(path, other)
        return original(*arguments, **settings)

    monkeypatch.setattr(staged_job, 'DerainJob', slow)
    status, said = run([url])
    assert status == 1 and f'{other} is there already' in said
    assert store['/bucket/out/a.mp4'].getvalue() == path.read_bytes()
    assert there(store) == ['a.mp4']


def test_a_store_that_takes_nothing_is_noticed_before_the_work(
        run, stored, store, monkeypatch):
    def refused(self, path, place, *arguments, **settings):
        raise PermissionError('403')

    _, url = stored('a.mp4')
    monkeypatch.setattr(MemoryFileSystem, 'put_file', refused)
    monkeypatch.setattr(staged_job, 'DerainJob', None)  # is not reached
    status, said = run([url])
    assert status == 1 and '403' in said and there(store) == []


def test_what_is_no_record_is_kept(run, stored, store, tmp_path):
    _, url = stored('a.mp4')
    (tmp_path / 'mine').write_text('precious')
    record = StoreUrl(f'{BUCKET}/out/a.mp4.done.json')
    stores.send(tmp_path / 'mine', record)
    status, said = run([url])
    assert status == 0 and 'will be kept as a.mp4.done.json.kept1' in said
    assert there(store) == ['a.mp4', 'a.mp4.done.json',
                            'a.mp4.done.json.kept1']
    assert store['/bucket/out/a.mp4.done.json.kept1'].getvalue() == b'precious'


def test_what_is_no_note_of_ours_stays(run, stored, store, tmp_path):
    _, url = stored('a.mp4')
    (tmp_path / 'mine').write_text('precious')
    stores.send(tmp_path / 'mine', StoreUrl(
        f'{BUCKET}/out/a.mp4.placing.json'))
    status, said = run([url])
    assert status == 1 and 'a.mp4.placing.json is in the way' in said
    assert there(store) == ['a.mp4.placing.json']


def test_notes_name_what_the_user_knows(run, stored, tmp_path, store):
    path, url = stored('a.mp4', 40)
    whole = path.read_bytes()
    path.write_bytes(whole[:-len(whole) // 3])  # its end is missing
    stores.send(path, url)
    _, said = run([url], '--skip-bad-frames', '--json-progress')
    assert str(url) in said and 'stage' not in said


@pytest.mark.parametrize(('arguments', 'said'), [
    (['s3://b/a.mp4', 'b.mp4'], 's3://b/a.mp4 is in a store'),
    (['a.mp4', 's3://b/b.mp4'], 's3://b/b.mp4 is in a store'),
    (['a.mp4', '--output-dir', 'http://b/c'], 'http:// can only be read'),
    (['s3://b/a.mp4', '--output-dir', 'out', '--dry-run'], '--dry-run looks'),
    (['a.mp4', 'b.mp4', '--stage-dir', 'c'], '--stage-dir is for an archive'),
    (['s3://b/a.mp4', '--output-dir', 's3://b'], 'outside the input')])
def test_what_cannot_be_is_said_at_once(derain, arguments, said,
                                        monkeypatch):
    monkeypatch.setattr(archive, 'ArchiveWork', None)
    status, words = derain(*arguments)
    assert status == 2 and said in words and 'Traceback' not in words


def test_an_output_that_nobody_can_write_is_said_at_once(run, derain,
                                                         tmp_path):
    (tmp_path / 'list.csv').write_text('a.mp4,https://host/a.mp4\n')
    status, said = derain('--list', tmp_path / 'list.csv')
    assert status == 2 and 'https:// can only be read' in said
