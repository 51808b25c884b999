"""Inputs and outputs, however they are spelt."""

from pathlib import Path

import pytest

from mmderain.cli.derain import build_parser, main
from mmderain.cli.derain_places import find_work, read_places
from mmderain.errors import UserError
from tests.helpers.videos import pictures, write_video
from tests.tiny import write_image


@pytest.fixture
def work(tmp_path, monkeypatch):
    """From words to pairs of input and output, and whether it is an archive;
    in a folder with videos, a folder of videos and one of frames."""
    monkeypatch.chdir(tmp_path)
    for name in ('a.mp4', 'b.mp4', 'cards/day/c.mp4'):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b'')
    write_image(tmp_path / 'frames' / '1.png', pictures(1)[0])
    (tmp_path / 'there').mkdir()

    def read(words):
        args = build_parser().parse_args(words.split())
        places = read_places(args)
        found = find_work(args, places, [].append)
        return ([(str(entry.source), str(entry.target)) for entry in found],
                places.is_archive)
    return read


@pytest.mark.parametrize('words', [
    'a.mp4 out.mp4', '-i a.mp4 -o out.mp4', '-i a.mp4 out.mp4',
    'a.mp4 -o out.mp4', '--input a.mp4 --output out.mp4'])
def test_one_input_and_its_output(work, words):
    assert work(words) == ([('a.mp4', 'out.mp4')], False)


@pytest.mark.parametrize('words', ['a.mp4 out/', '-i a.mp4 -o out/',
                                   '-i a.mp4 there/'])
def test_a_slash_is_into_the_folder(work, words):
    name = words.split()[-1]
    assert work(words) == ([('a.mp4', f'{name}a.mp4')], False)


def test_no_slash_is_the_output_itself(work):
    assert work('a.mp4 out') == ([('a.mp4', 'out')], False)
    assert work('a.mp4 /') == ([('a.mp4', '/')], False)  # refused later
    # a shell completes the slash
    assert work('frames/ out/') == ([('frames', 'out')], False)


@pytest.mark.parametrize('words', [
    'a.mp4 b.mp4 out/', '-i a.mp4 -i b.mp4 -o out/', '-i a.mp4 -i b.mp4 out/',
    'a.mp4 b.mp4 -o out', 'a.mp4 b.mp4 --output-dir out', '*.mp4 -o out',
    '-i *.mp4 out/'])
def test_several_inputs_go_into_a_folder(work, words):
    assert work(words) == (
        [('a.mp4', 'out/a.mp4'), ('b.mp4', 'out/b.mp4')], True)


@pytest.mark.parametrize('words', [
    'cards out', 'cards/ out/', '-i cards -o out', 'cards --output-dir out'])
def test_a_folder_of_videos_keeps_its_tree(work, words):
    assert work(words) == ([('cards/day/c.mp4', 'out/day/c.mp4')], True)


def test_lists(work, tmp_path):
    (tmp_path / 'list.txt').write_text('a.mp4')
    for words in ('--list list.txt -o out/', '--list list.txt --output-dir '
                  'out'):
        assert work(words) == ([('a.mp4', 'out/a.mp4')], True)
    (tmp_path / 'list.csv').write_text('a.mp4,x.mp4')
    assert work('--list list.csv') == ([('a.mp4', 'x.mp4')], True)


@pytest.mark.parametrize(('words', 'said'), [
    ('', 'no inputs: expected INPUT OUTPUT'), ('a.mp4', 'got no output'),
    ('-i a.mp4', 'got no output'),
    ('frames/', 'mmderain derain frames frames_clean'),
    ('a.mp4', 'mmderain derain a.mp4 a_clean.mp4'),
    ('-o out.mp4', 'there are no inputs'),
    ('-i a.mp4 -i b.mp4 -o out.mp4', 'expected a folder'),
    ('a.mp4 b.mp4 c.mp4', 'such as -o c/'),
    ('a.mp4 b.mp4 there', 'with a slash'),  # it may have been an input
    ('cards out.mp4', 'expected a folder'),
    ('a.mp4 -i b.mp4 -o out/', 'with -i or without, got both'),
    ('-i a.mp4 b.mp4 out/', 'with -i or without, got both'),
    ('a.mp4 -o out/ --output-dir out', '-o out/ or --output-dir out'),
    ('--list list.csv -o out.mp4', 'expected a folder')])
def test_what_cannot_be_understood(work, tmp_path, words, said):
    (tmp_path / 'list.csv').write_text('a.mp4,x.mp4')
    with pytest.raises(UserError, match=said):
        work(words)


def test_nothing_is_overwritten_in_a_folder(derain, tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(3))
    there = tmp_path / 'out' / 'a.mp4'
    there.parent.mkdir()
    there.write_text('precious')
    status, said = derain('-i', source, '-o', f'{there.parent}/')
    assert status == 2 and 'is there already' in said
    assert there.read_text() == 'precious'
    # within the folder of the input, under its own name, it is the input
    status, said = derain(source, f'{tmp_path}/', '--overwrite')
    assert status == 2 and 'outside the input' in said


@pytest.mark.parametrize('words', [
    '~/a.mp4 ~/out/', '-i ~/a.mp4 --output=~/out/',
    '~/a.mp4 --output-dir=~/out'])
def test_the_home_folder_by_its_sign(work, tmp_path, monkeypatch, words):
    """A shell leaves it where it does not begin a word."""
    monkeypatch.setenv('HOME', str(tmp_path))
    assert work(words)[0] == [(f'{tmp_path}/a.mp4', f'{tmp_path}/out/a.mp4')]


def test_a_folder_that_is_called_like_that_sign(work):
    Path('~').mkdir()
    Path('~/a.mp4').touch()
    assert work('./~/a.mp4 ./~/b.mp4')[0] == [('~/a.mp4', '~/b.mp4')]


def test_a_misspelt_input_is_told_before_anything_is_loaded(
        tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(['rany.mp4', 'clean.mp4']) == 2
    said = capsys.readouterr().err
    assert 'rany.mp4: expected a video' in said
    assert len(said.splitlines()) == 1


def test_a_camera_by_the_name_of_its_device(capsys):
    for name in ('/dev/video99', '99'):  # a number, as of other programs
        assert main([name, 'clean.mkv']) == 2
        assert 'v4l2:/dev/video99' in capsys.readouterr().err


@pytest.mark.parametrize(('words', 'says'), [
    ('frames/%04d.png out.mp4', 'read from a folder: name frames.'),
    ('a.mp4 out_%04d.png', 'written into a folder: name one, such as')])
def test_numbered_names_are_told_what_frames_are_here(
        work, words, says, tmp_path, capsys):
    write_video(tmp_path / 'a.mp4', pictures(2))
    assert main([*words.split(), '--remove', 'streaks']) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize('address', [
    'srt://host:1', 'rtsps://host/a', 'rtp://host:1', 'rtsp://host/a b'])
def test_what_is_not_received_is_no_store(work, address):
    args = build_parser().parse_args(['-i', address, '-o', 'out.mp4'])
    with pytest.raises(UserError, match='received: rtsp, .*ffmpeg -i ADDRESS'):
        read_places(args)
