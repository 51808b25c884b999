"""Addresses in stores, with the face of paths."""

import pickle
from pathlib import Path

import pytest

from mmderain.stores import StoreUrl, parse_place


@pytest.mark.parametrize('text', [
    'a.mp4', '/data/a.mp4', 's3:/a/b.mp4', 's3://', 'C:/a.mp4', '-', ''])
def test_a_path_is_none(text):
    assert StoreUrl.parse(text) is None


@pytest.mark.parametrize(('text', 'name', 'suffix'), [
    ('s3://bucket/day/a.b.mp4', 'a.b.mp4', '.mp4'),
    ('s3://bucket/what?.mp4', 'what?.mp4', '.mp4'),
    ('https://host/day/a%20b.mp4?sign=x.y/z', 'a b.mp4', '.mp4'),
    ('gs://bucket/a.mp4', 'a.mp4', '.mp4'),
    ('memory://a', 'a', '')])
def test_its_name(text, name, suffix):
    url = StoreUrl.parse(text)
    assert (url.name, url.suffix, str(url)) == (name, suffix, text)
    assert url.stem + url.suffix == name
    assert pickle.loads(pickle.dumps(url)) == url


def test_what_is_around_it():
    folder = StoreUrl.parse('s3://bucket/clean/')
    url = folder / 'a.mp4'
    assert str(url) == 's3://bucket/clean/a.mp4'
    assert str(url.with_name('b.mp4')) == 's3://bucket/clean/b.mp4'
    assert [*map(str, url.parents)] == ['s3://bucket/clean', 's3://bucket']


@pytest.mark.parametrize(('text', 'path'), [
    ('a.mp4', 'a.mp4'), ('file:///data/a b.mp4', '/data/a b.mp4'),
    ('local:///data/', '/data'), ('file://a.mp4', 'a.mp4')])
def test_what_is_on_this_disk_is_a_path(text, path):
    """However it is called, nothing is to take it for another file."""
    assert parse_place(text) == Path(path)


def test_one_file_by_two_names_is_known():
    assert parse_place('s3a://b/a').resolve() == StoreUrl('s3://b/a')
    assert parse_place('gcs://b/a').resolve() == StoreUrl('gs://b/a')
    assert parse_place('s3://b/a').resolve() == StoreUrl('s3://b/a')
