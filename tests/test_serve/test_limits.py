"""What is refused, and in which words."""

import pytest

from mmderain.errors import DataError, NoSpaceError
from mmderain.serve.limits import Limits, known_suffix

LIMITS = Limits(megabytes=2, seconds=3, size=(40, 30), jobs=2)


@pytest.mark.parametrize('fits', [
    lambda: LIMITS.check_size(2_000_000), lambda: LIMITS.check_frame(30, 40),
    lambda: LIMITS.check_seconds(3), lambda: LIMITS.check_jobs(1)])
def test_what_fits_is_taken(fits):
    fits()


@pytest.mark.parametrize(('refused', 'said'), [
    (lambda: LIMITS.check_size(2_100_000), 'expected 2 MB at most, got 2.1'),
    (lambda: LIMITS.check_size(0), 'is empty'),
    (lambda: LIMITS.check_frame(1201, 1),
     'as many pixels as 40x30 has at most, got 1201x1'),
    (lambda: LIMITS.check_seconds(3.04), 'expected 3 s at most, got 3.0')])
def test_what_is_more_is_refused_in_words(refused, said):
    with pytest.raises(DataError, match=said):
        refused()


def test_too_many_jobs_are_told_to_come_again():
    with pytest.raises(NoSpaceError, match='2 jobs are waiting.*some minutes'):
        LIMITS.check_jobs(2)


@pytest.mark.parametrize(('name', 'suffix'), [
    ('rainy.mp4', '.mp4'), ('A.JPEG', '.jpeg'), ('a.mp4.mkv', '.mkv'),
    ('../../etc/x.png', '.png'), ('.webm', '.webm'), ('a\0b.ts', '.ts')])
def test_a_name_gives_its_suffix_alone(name, suffix):
    assert known_suffix(name) == suffix


@pytest.mark.parametrize('name', [
    'a.txt', 'mp4', '', 'a.mp4/..', 'a.m3u8', 'a.mp4\0'])
def test_other_suffixes_are_refused(name):
    with pytest.raises(DataError, match='.mp4.*.png.*Choose another file'):
        known_suffix(name)
