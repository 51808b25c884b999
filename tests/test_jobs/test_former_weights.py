"""An archive goes on with the weights that it was begun with."""

import json
from dataclasses import replace

import pytest

from mmderain import weights
from mmderain.jobs.former_weights import begun_with
from mmderain.jobs.records import record_path

OLD, NEW, OTHER = 'a' * 64, 'b' * 64, 'c' * 64


@pytest.fixture
def table(monkeypatch):
    entry = weights.SHIPPED[0]
    rows = (replace(entry, name='rain', sha256=NEW),
            replace(entry, name='fast', sha256=OTHER),
            replace(entry, name='rain_1', sha256=OLD, replaced_by='rain'))
    monkeypatch.setattr(weights, 'SHIPPED', rows)
    return rows


@pytest.fixture
def target(tmp_path):
    def write(name, checkpoint, **settings):
        path = tmp_path / name
        record_path(path).write_text(json.dumps(dict(
            input='a.mp4', frames=3,
            settings=dict(settings, checkpoint=checkpoint))))
        return path
    return write


@pytest.mark.parametrize('checkpoint', [OLD, [OLD, OTHER]])
def test_what_was_begun_with_former_weights(table, target, tmp_path,
                                            checkpoint):
    targets = [tmp_path / 'new.mp4', target('a.mp4', checkpoint)]
    assert begun_with(targets, None).name == 'rain_1'
    assert begun_with(targets, 'rain').name == 'rain_1'
    # others are asked for: the record is compared with these
    assert begun_with(targets, 'fast') is None
    assert begun_with(targets, 'rain_1') is None


def test_everything_else_takes_the_present_ones(table, target, tmp_path):
    assert begun_with([tmp_path / 'new.mp4'], None) is None
    for checkpoint in (NEW, [NEW, OLD], OTHER, None, 3):
        assert begun_with([target('a.mp4', checkpoint)], None) is None
    record_path(tmp_path / 'b.mp4').write_text('{"rain": 3}')
    # the first record decides
    assert begun_with([tmp_path / 'b.mp4', target('a.mp4', NEW),
                       target('c.mp4', OLD)], None) is None


@pytest.mark.parametrize(('guide', 'name'), [
    ({}, 'rain_1'), (dict(guide=[None, None]), 'rain_1'),
    (dict(guide=dict(method='x')), None),
    (dict(guide=[dict(method='x'), None]), None)])
def test_the_same_file_without_a_guide(monkeypatch, target, guide, name):
    entry = replace(weights.SHIPPED[0], name='rain', sha256=NEW, guide='x')
    monkeypatch.setattr(weights, 'SHIPPED', (
        entry, replace(entry, name='rain_1', guide=None,
                       replaced_by='rain')))
    found = begun_with([target('a.mp4', NEW, **guide)], None)
    assert getattr(found, 'name', None) == name


@pytest.mark.parametrize(('guide', 'name'), [
    ({}, 'rain_1'), (dict(guide=[None, None]), 'rain_1'),
    (dict(guide=dict(method='x')), 'rain'),
    (dict(guide=[dict(method='x'), None]), 'rain')])
def test_two_names_of_one_file(monkeypatch, target, guide, name):
    """Both were the default, one after the other."""
    entry = replace(weights.SHIPPED[0], name='new', sha256=OTHER, guide='x')
    monkeypatch.setattr(weights, 'SHIPPED', (entry, *(
        replace(entry, name=former, sha256=NEW, guide=own, replaced_by='new')
        for former, own in (('rain_1', None), ('rain', 'x')))))
    assert begun_with([target('a.mp4', NEW, **guide)], None).name == name


@pytest.mark.parametrize('settings', [None, 3, [1], 'rain'])
def test_settings_that_are_none(table, tmp_path, settings):
    """Somebody has edited the record; what it is worth is told later."""
    record_path(tmp_path / 'a.mp4').write_text(json.dumps(dict(
        input='a.mp4', frames=3, settings=settings)))
    assert begun_with([tmp_path / 'a.mp4'], None) is None
