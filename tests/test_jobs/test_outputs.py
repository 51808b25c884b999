"""Inputs and outputs that are one place are found, by whatever names."""

import os

import pytest

from mmderain.errors import UserError
from mmderain.jobs import outputs
from mmderain.jobs.outputs import check_apart


@pytest.fixture
def folder(tmp_path):
    for name in ('a', 'b'):
        (tmp_path / name).mkdir()
    (tmp_path / 'a/clip.mp4').write_text('precious')
    return tmp_path


def test_the_input_by_a_second_name(folder):
    os.link(folder / 'a/clip.mp4', folder / 'b/clip.mp4')
    with pytest.raises(UserError, match='by another name'):
        check_apart([([folder / 'a/clip.mp4'], [folder / 'b/clip.mp4'])])


@pytest.mark.parametrize(('source', 'target'), [
    ('a/clip.mp4', 'b/clip.mp4'), ('a', 'b/out'), ('a/clip.mp4', 'b')])
def test_a_folder_that_is_mounted_twice(folder, monkeypatch, source, target):
    """``mount --bind a b``, where an output would replace its input."""
    real = outputs._identity

    def identity(path):
        return real(folder / 'a' if path == folder / 'b' else path)

    check_apart([([folder / source], [folder / target])])
    monkeypatch.setattr(outputs, '_identity', identity)
    with pytest.raises(UserError, match='outside the input'):
        check_apart([([folder / source], [folder / target])])


def test_copies_of_one_output_that_were_made_one_file(folder):
    """As programs that save space do; each is replaced by itself."""
    (folder / 'b/x.mp4').write_text('x')
    os.link(folder / 'b/x.mp4', folder / 'b/y.mp4')
    check_apart([([folder / 'a/clip.mp4'], [folder / 'b/x.mp4']),
                 ([folder / 'a/other.mp4'], [folder / 'b/y.mp4'])])
