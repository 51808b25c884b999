"""Names of files that are written one after the other."""

import re
from pathlib import Path

import pytest

from mmderain.errors import UserError
from mmderain.media.segment_names import SegmentNames


def names(pattern, count=2, taken=()):
    """The next names where those before and some others are taken."""
    found, taken = [], {*map(Path, taken)}
    wanted = SegmentNames(Path(pattern))
    for _ in range(count):
        found.append(next(name for name in wanted.next()
                          if name not in taken))
        taken.add(found[-1])
    return [str(name) for name in found]


def test_numbers_are_ffmpegs():
    assert names('out/a_%03d.mkv') == ['out/a_000.mkv', 'out/a_001.mkv']


def test_a_day_alone_is_a_number():
    assert names('a_%d.mkv') == ['a_0.mkv', 'a_1.mkv']
    assert re.fullmatch(r'\d{4}-\d\d\.mkv', names('%Y-%d.mkv', 1)[0])


def test_numbers_go_on_after_those_that_are_there(tmp_path):
    for name in ('a_007.mkv', 'a_012.unfinished.mkv', 'a_x.mkv', 'b_99.mkv'):
        (tmp_path / name).touch()
    assert names(tmp_path / 'a_%03d.mkv') == [
        f'{tmp_path}/a_013.mkv', f'{tmp_path}/a_014.mkv']


def test_numbers_of_files_that_were_moved_away_do_not_come_again(tmp_path):
    wanted = SegmentNames(tmp_path / 'a_%02d.mkv')
    assert [next(wanted.next()).name for _ in range(3)] == [
        'a_00.mkv', 'a_01.mkv', 'a_02.mkv']


def test_numbers_wider_than_their_place():
    wanted = SegmentNames(Path('a_%01d.mkv'))
    assert [next(wanted.next()).name for _ in range(11)][-1] == 'a_10.mkv'


def test_times_are_those_of_this_machine():
    found, = names('out/%Y-%m-%d/cam_%H%M%S.mkv', 1)
    assert re.fullmatch(r'out/\d{4}-\d\d-\d\d/cam_\d{6}\.mkv', found)


def test_a_time_that_is_taken_gets_a_number():
    assert names('%Y.mkv', 3)[1:] == [
        names('%Y.mkv', 1)[0].replace('.mkv', end) for end in (
            '-2.mkv', '-3.mkv')]


def test_a_time_and_a_number_and_a_percent_sign():
    assert re.fullmatch(r'50%_\d{4}_00\.mkv', names('50%%_%Y_%02d.mkv', 1)[0])
    assert names('%%02d_%02d.mkv') == ['%02d_00.mkv', '%02d_01.mkv']


@pytest.mark.parametrize(('pattern', 'says'), [
    ('a.mkv', 'a.mkv: expected a name that differs from file to file, such '
     'as a_%03d.mkv or a_%Y%m%d-%H%M%S.mkv, or a folder, a/.'),
    ('50%%.mkv', 'expected a name that differs'),
    ('a_%q.mkv', "'%q' is no part of a time"),
    ('a_%.mkv', "'%.' is no part of a time"),
    ('a_%D.mkv', "'%D' is no part of a time"),
    ('a_%03d_%02d.mkv', 'expected one number'),
    ('%03d/a.mkv', 'expected the number in the name of the file')])
def test_what_names_nothing(pattern, says):
    with pytest.raises(UserError) as error:
        SegmentNames(Path(pattern))
    assert says in str(error.value)
