"""Folders of clips: what is in them is made in one way."""

import pytest

from mmderain.errors import DataError
from mmderain.synthesis.clip_store import ClipStore


def test_other_settings_are_named_with_both_values(tmp_path):
    meta = dict(version='1', seed=0, settings=dict(
        size=[32, 32], rain=dict(length=5, share=.5), scene=dict(a=1)))
    store = ClipStore(tmp_path / 'clips', {'a.npy': (1, 2, 2)})
    store.prepare(meta)
    store.finish(dict(clips=1))
    store.prepare(meta)
    other = dict(meta, settings=dict(
        size=[32, 32], rain=dict(length=7, share=.5), sky='x' * 999))
    with pytest.raises(DataError) as error:
        store.prepare(other)
    said = str(error.value)
    assert 'settings.rain.length is 5 there and 7 here' in said
    assert 'settings.sky is not set there and "xxx' in said
    assert 'settings.scene is 1 settings there and not set here' in said
    assert 'share' not in said and 'size' not in said and len(said) < 600
    assert '--overwrite' in said and str(tmp_path / 'clips') in said
    with pytest.raises(DataError, match='and 2 more'):
        store.prepare(dict(other, seed=4, version='2'))


@pytest.mark.parametrize('name', ['meta.json', 'clips.jsonl', 'sheet.png',
                                  'aligned.txt'])
@pytest.mark.parametrize('has_record', [True, False])
def test_what_a_killed_run_has_left_is_not_of_others(tmp_path, name,
                                                     has_record):
    folder = tmp_path / 'clips'
    store = ClipStore(folder, {'a.npy': (1, 2, 2)})
    if has_record:
        store.prepare(dict(settings={}, opencv='4'))
    left = folder / f'.{name}.4711.unfinished'
    left.parent.mkdir(exist_ok=True)
    left.write_text('half')
    store.prepare(dict(settings={}, opencv='5'), overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == [
        'a.npy', 'meta.json']


def test_the_mark_of_a_start_does_not_stay(tmp_path):
    store = ClipStore(tmp_path / 'clips', {'a.npy': (1, 2, 2)})
    store.prepare({})
    (tmp_path / 'clips/.reserving').touch()  # killed at this point
    store.prepare({})
    assert not (tmp_path / 'clips/.reserving').exists()


def test_a_damaged_record_is_gone_with_its_folder(tmp_path):
    """What the message says to do is what helps."""
    store = ClipStore(tmp_path / 'clips', {'a.npy': (1, 2, 2)})
    store.prepare(dict(seed=1))
    (tmp_path / 'clips/meta.json').write_text('{')
    for overwrite in (False, True):
        with pytest.raises(DataError, match='meta.json: .* damaged .* Move '
                           '.*clips away'):
            store.prepare(dict(seed=1), overwrite)
    (tmp_path / 'clips').rename(tmp_path / 'away')
    store.prepare(dict(seed=1))
