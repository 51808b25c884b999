"""Addresses in stores, with the face of paths."""

import pickle

import pytest

from mmderain.stores import StoreUrl


@pytest.mark.parametrize('text', [
    'a.mp4', '/data/a.mp4', 's3:/a/b.mp4', 's3://', 'C:/a.mp4', '-', ''])
def test_a_path_is_none(text):
    assert StoreUrl.parse(text) is None


@pytest.mark.parametrize(('text', 'name', 'suffix'), [
    ('s3://bucket/day/a.b.mp4', 'a.b.mp4', '.mp4'),
    ('s3://bucket/what?.mp4', 'what?.mp4', '.mp4'),
    ('https://host/day/a%20b.mp4?sign=x.y/z', 'a b.mp4', '.mp4'),
    ('file:///data/a.mp4', 'a.mp4', '.mp4'),
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
