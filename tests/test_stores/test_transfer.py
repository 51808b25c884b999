"""Files come from stores and go into them as a whole, or not at all."""

import errno

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from mmderain import stores
from mmderain.errors import DataError, PackagesError, UserError
from mmderain.files import fingerprint
from mmderain.stores import StoreError, StoreUrl
from tests.helpers.lean import hidden


@pytest.fixture
def folder():
    """In a store in the memory of this process."""
    yield StoreUrl.parse('memory://rain')
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = ['']


@pytest.fixture
def file(tmp_path):
    path = tmp_path / 'a.bin'
    path.write_bytes(bytes(range(256)) * 9000)  # more than both ends
    return path


def names():
    return sorted(MemoryFileSystem.store)


def test_there_and_back(folder, file, tmp_path):
    url = folder / 'day' / 'a.bin'
    assert not stores.is_there(url)
    known = stores.send(file, url)
    assert stores.is_there(url) and names() == ['/rain/day/a.bin']
    assert known == stores.known_by(url)
    assert known['size'] == file.stat().st_size and len(known) == 2
    assert stores.fingerprint_of(url) == fingerprint(file)
    assert stores.fetch(url, tmp_path / 'b.bin') == known
    assert (tmp_path / 'b.bin').read_bytes() == file.read_bytes()
    stores.remove(url)
    assert names() == []


def test_the_ends_of_a_short_file(folder, tmp_path):
    (tmp_path / 'short').write_bytes(b'rain')
    stores.send(tmp_path / 'short', folder / 'short')
    assert stores.fingerprint_of(folder / 'short') == fingerprint(
        tmp_path / 'short')


def test_what_is_cut_gets_no_name(folder, file, monkeypatch):
    original = MemoryFileSystem.put_file

    def cut(self, path, place, *arguments, **settings):
        original(self, path, place, *arguments, **settings)
        self.store[place] = self.store[place].__class__(self, place, b'cut')

    monkeypatch.setattr(MemoryFileSystem, 'put_file', cut)
    with pytest.raises(StoreError, match='expected 2304000 bytes.*got 3'):
        stores.send(file, folder / 'a.bin')
    assert names() == []


def test_what_breaks_off_leaves_nothing(folder, file, monkeypatch):
    def lost(self, *arguments, **settings):
        raise ConnectionResetError('reset')

    monkeypatch.setattr(MemoryFileSystem, 'mv', lost)
    with pytest.raises(StoreError, match=r'memory://rain/a.bin.*reset'):
        stores.send(file, folder / 'a.bin')
    assert names() == []


def test_what_changes_meanwhile_is_not_taken(folder, file, tmp_path,
                                             monkeypatch):
    url = folder / 'a.bin'
    stores.send(file, url)
    original = MemoryFileSystem.get_file

    def changing(self, *arguments, **settings):
        original(self, *arguments, **settings)
        self.pipe_file('/rain/a.bin', b'other')

    monkeypatch.setattr(MemoryFileSystem, 'get_file', changing)
    with pytest.raises(DataError, match='changed while it was copied'):
        stores.fetch(url, tmp_path / 'b.bin')


def test_a_full_disk_here_is_no_fault_of_the_store(folder, file, tmp_path,
                                                   monkeypatch):
    stores.send(file, folder / 'a.bin')

    def full(self, *arguments, **settings):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(MemoryFileSystem, 'get_file', full)
    with pytest.raises(OSError, match='No space'):
        stores.fetch(folder / 'a.bin', tmp_path / 'b.bin')


def test_what_cannot_be_asked_for_is_not_taken_for_missing(folder, file,
                                                           monkeypatch):
    stores.send(file, folder / 'a.bin')

    def lost(self, *arguments, **settings):
        raise ConnectionResetError('reset')

    monkeypatch.setattr(MemoryFileSystem, 'info', lost)
    with pytest.raises(StoreError, match='reset'):
        stores.is_there(folder / 'a.bin')


def test_json(folder, tmp_path):
    url = folder / 'a.json'
    assert stores.read_json(url) is None
    stores.write_json(url, dict(rain=1), tmp_path / 'scratch')
    assert stores.read_json(url) == dict(rain=1)
    for content in (b'no JSON', b'\xff\xfe\x00'):
        fsspec.filesystem('memory').pipe_file('/rain/a.json', content)
        assert stores.read_json(url) is None


def test_what_is_not_there_and_what_is_no_store(folder, tmp_path):
    with pytest.raises(DataError, match='the store has none'):
        stores.fetch(folder / 'a.bin', tmp_path / 'b.bin')
    with pytest.raises(UserError, match='got cloud://'):
        stores.is_there(StoreUrl.parse('cloud://a/b'))


def test_a_package_that_is_missing_is_named():
    with hidden('s3fs'), pytest.raises(PackagesError, match='s3fs'):
        stores.is_there(StoreUrl.parse('s3://a/b.mp4'))
    with hidden('fsspec'), pytest.raises(
            PackagesError, match=r"pip install 'mmderain\[ray\]'"):
        stores.is_there(StoreUrl.parse('s3://a/b.mp4'))
