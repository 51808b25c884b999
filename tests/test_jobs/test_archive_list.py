"""Which inputs an archive has, and where their outputs go."""

import io
import os
import sys
from pathlib import Path

import pytest

from mmderain.errors import UserError
from mmderain.jobs.archive_list import find_entries
from mmderain.jobs.list_file import read_list
from mmderain.stores import StoreUrl
from tests.helpers.videos import pictures, write_video
from tests.tiny import write_image


def found(paths, output_dir, notes=None, listed=None):
    entries = find_entries(paths, listed, output_dir, (0, 1),
                           [].append if notes is None else notes.append)
    return {str(entry.source): str(entry.target) for entry in entries}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ('in/day/a.mp4', 'in/night/b.m4v'):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b'')
    write_image(tmp_path / 'in' / 'frames' / '1.png', pictures(1)[0])
    (tmp_path / 'in' / 'notes.txt').write_text('rain')
    (tmp_path / 'in' / 'day' / 'a.mp4.parts').mkdir()
    (tmp_path / 'in' / 'day' / 'a.mp4.parts' / '0.mp4').write_bytes(b'')
    return tmp_path / 'in'


def test_a_folder_of_videos_keeps_its_tree(tree):
    notes = []
    assert found([Path('in')], Path('out'), notes) == {
        'in/day/a.mp4': 'out/day/a.mp4', 'in/night/b.m4v': 'out/night/b.mp4',
        'in/frames': 'out/frames'}
    assert notes == ['passed over: in/notes.txt, which is neither a video nor '
                     'an image']


def test_links_in_a_circle_end(tree):
    (tree / 'day' / 'back').symlink_to(tree)
    assert len(found([tree], tree.parent / 'out')) == 3


def test_a_pattern_finds_videos_of_any_name(tree):
    write_video(tree / 'odd.mkv', pictures(2)).rename(tree / 'odd.xyz')
    names = {path.rpartition('/')[2] for path in found(
        [tree / '*'], tree.parent / 'out')}
    assert names == {'a.mp4', 'b.m4v', 'frames', 'odd.xyz'}


@pytest.mark.parametrize('pattern', ['in/*/*.mp4', 'in/**/*.mp4', 'in/*'])
def test_a_pattern_passes_over_outputs_of_an_earlier_run(tree, pattern):
    before = found([Path(pattern)], Path('in/clean'))
    (tree / 'clean').mkdir()
    (tree / 'clean' / 'a.mp4').write_bytes(b'')
    assert found([Path(pattern)], Path('in/clean')) == before


def test_outputs_within_a_folder_of_videos_are_refused(tree):
    with pytest.raises(UserError, match='outside the input'):
        found([tree], tree / 'out')


@pytest.mark.parametrize('text', [
    'a b.mp4,x.mp4\n', '\ufeffInput,Output\r\na b.mp4,x.mp4\r\n',
    '# what\n\n"a b.mp4",x.mp4\n',
    'INPUT;OUTPUT\na b.mp4;x.mp4\n'])
def test_tables_as_spreadsheets_write_them(tmp_path, text):
    path = tmp_path / 'list.csv'
    path.write_text(text, encoding='utf-8')
    (source, target, place), = read_list(path)
    assert (str(source), str(target)) == ('a b.mp4', 'x.mp4')
    assert f', line {len(text.splitlines())}' in place


def test_names_in_quotes(tmp_path):
    path = tmp_path / 'list.txt'
    path.write_text('"a b.mp4"\n  c.mp4\n')
    assert [str(item.source) for item in read_list(path)] == [
        'a b.mp4', 'c.mp4']


def test_semicolons_in_names_that_are_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'a;b.mp4').write_bytes(b'')
    (tmp_path / 'list.csv').write_text('a;b.mp4\n')
    (item, ) = read_list(tmp_path / 'list.csv')
    assert str(item.source) == 'a;b.mp4'


@pytest.mark.parametrize('other', ['./out', '../{name}/out', '{path}/out'])
def test_shards_are_the_same_for_every_name_of_a_folder(tmp_path, monkeypatch,
                                                        other):
    monkeypatch.chdir(tmp_path)
    cards = tmp_path / 'cards'
    cards.mkdir()
    for number in range(32):
        (cards / f'{number}.mp4').touch()

    def shard(index, output_dir):
        return {entry.source.name for entry in find_entries(
            [Path('cards')], None, Path(output_dir), (index, 2))}

    first = shard(0, 'out')
    second = shard(1, other.format(name=tmp_path.name, path=tmp_path))
    assert len(first) + len(second) == len(first | second) == 32


def test_a_folder_of_somebodys_own_may_be_called_parts(tree):
    """By its name alone its videos were left out without a word."""
    spare = tree / 'spare.parts'
    spare.mkdir()
    (spare / 'c.mp4').touch()
    assert found([Path('in')], Path('out'))['in/spare.parts/c.mp4'] == (
        'out/spare.parts/c.mp4')
    (spare / 'state.json').touch()
    assert 'in/spare.parts/c.mp4' not in found([Path('in')], Path('out'))


def test_a_part_that_gets_nothing_is_said(tmp_path):
    (tmp_path / 'a.mp4').touch()
    notes = []
    found = [find_entries([tmp_path / 'a.mp4'], None, tmp_path / 'out',
                          (number, 2), notes.append) for number in (0, 1)]
    assert sorted(map(len, found)) == [0, 1]
    said, = notes
    assert f'--shard {found.index([])}/2: none of the 1 inputs' in said


def test_a_link_to_nowhere_is_no_folder_of_outputs(tree):
    Path('gone').symlink_to('/nowhere/disk')
    with pytest.raises(UserError, match='gone: .*a link that leads nowhere'):
        found([Path('in')], Path('gone'))


def piped(monkeypatch, content, is_terminal=False):
    pipe = io.TextIOWrapper(io.BytesIO(content))
    monkeypatch.setattr(pipe, 'isatty', lambda: is_terminal, raising=False)
    monkeypatch.setattr(sys, 'stdin', pipe)


def test_a_list_that_another_program_writes(tree, monkeypatch):
    """find in -name '*.mp4' | mmderain derain --list - --output-dir out"""
    piped(monkeypatch, 'in/day/a.mp4\nin/night/é.m4v\n'.encode())
    assert found([], Path('out'), listed=Path('-')) == {
        'in/day/a.mp4': 'out/a.mp4', 'in/night/é.m4v': 'out/é.mp4'}
    piped(monkeypatch, b'\xff\n')
    with pytest.raises(UserError, match='standard input: .*not in UTF-8'):
        found([], Path('out'), listed=Path('-'))
    piped(monkeypatch, b'', is_terminal=True)
    with pytest.raises(UserError, match='a terminal.*find'):
        found([], Path('out'), listed=Path('-'))
    monkeypatch.setattr(sys, 'stdin', None)  # <&-
    with pytest.raises(UserError, match='it is closed.*find'):
        found([], Path('out'), listed=Path('-'))
    Path('-').write_text('in/night/b.m4v')
    assert found([], Path('out'), listed=Path('-')) == {
        'in/night/b.m4v': 'out/b.mp4'}


def test_a_list_in_a_pipe_with_a_name_is_told_how(tree):
    os.mkfifo('list')
    with pytest.raises(UserError, match='it is a pipe. .*--list -'):
        found([], Path('out'), listed=Path('list'))


def test_the_memory_of_a_process_is_no_store_that_lasts(tree):
    notes = []
    found([Path('in')], StoreUrl.parse('memory://out'), notes)
    assert 'gone when it ends' in notes[-1]
    found([Path('in')], StoreUrl.parse('s3://out'), notes)
    assert len(notes) == 3  # what is passed over, each time


@pytest.mark.parametrize('folder', [None, Path('out')])
@pytest.mark.parametrize('name', ['.', '..', '/', '.mp4'])
def test_outputs_in_a_list_that_nobody_can_mean(tree, folder, name):
    Path('list.csv').write_text(f'in/day/a.mp4,{name}\n')
    with pytest.raises(UserError, match='list.csv, line 1: .*clean.mp4'):
        found([], folder, listed=Path('list.csv'))
