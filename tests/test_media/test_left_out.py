"""What lies in folders of frames and is no frame of theirs."""

from pathlib import Path

import pytest

from mmderain.errors import DataError
from mmderain.media.frame_source import find_sources, open_source
from mmderain.media.images import write_rgb
from mmderain.media.left_out import passed_over as passed_over_by
from tests.helpers.videos import pictures


def passed_over(root):
    return passed_over_by(root, [path for source in find_sources(root)
                                 for path in source.files])


@pytest.fixture
def frames(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ('set/a/0.png', 'set/a/1.png', 'set/b/0.png'):
        write_rgb(Path(name), pictures(1)[0])
    return Path('set')


def test_nothing_is_passed_over_where_all_is_read(frames):
    Path('set/c.mp4').touch()
    Path('set/notes.txt').touch()
    for name in ('.thumbs', 'empty'):
        Path('set', name).mkdir()
    Path('set/.thumbs/0.png').touch()
    Path('set/._c.mp4').touch()
    for root in (frames, frames / 'a', frames / 'a' / '0.png',
                 frames / 'c.mp4'):
        assert passed_over(root) == []


def test_what_no_sequence_reads_is_named_by_its_folder(frames):
    for name in ('a/small/0.png', 'a/small/1.png', 'a/small/2.png',
                 'a/a.mp4', 'deep/d/0.jpg', 'b/0.heic'):
        Path('set', name).parent.mkdir(parents=True, exist_ok=True)
        Path('set', name).touch()
    lines = passed_over(frames)
    assert [line.partition(': a clip')[0] for line in lines] == [
        'passed over: set/a/a.mp4',
        'passed over: set/a/small/0.png and 2 more in set/a/small',
        'passed over: set/b/0.heic', 'passed over: set/deep/d/0.jpg']
    assert passed_over(frames / 'a') == lines[:2]


def test_few_lines_are_enough(frames):
    for number in range(9):
        Path(f'set/a/{number}').mkdir()
        Path(f'set/a/{number}/0.png').touch()
    lines = passed_over(frames)
    assert len(lines) == 6 and lines[-1] == 'and in 4 more folders'


@pytest.mark.parametrize('suffix', ['.heic', '.DNG', '.jp2', '.avif', '.ppm'])
def test_other_kinds_of_pictures_are_told_what_to_become(frames, suffix):
    """FFmpeg would read one tile of a .heic and call it the picture."""
    picture = frames / f'a{suffix}'
    picture.write_bytes(b'picture')
    for find in (open_source, find_sources):
        with pytest.raises(DataError, match='Convert it to PNG'):
            find(picture)
    # a frame of the clip, which would be missing
    lost = frames / 'a' / f'2{suffix}'
    lost.write_bytes(b'picture')
    with pytest.raises(DataError, match=rf'a/2{suffix}.*Convert'):
        open_source(frames / 'a')
    # cameras write a picture in two kinds
    lost.rename(frames / 'a' / f'1{suffix}')
    assert open_source(frames / 'a').num_frames == 2
    only = frames / 'only'
    only.mkdir()
    picture.rename(only / picture.name)
    with pytest.raises(DataError, match='Convert it to PNG'):
        open_source(only)
