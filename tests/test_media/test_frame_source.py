"""One kind of source for whatever frames come from."""

import pickle
from fractions import Fraction

import numpy as np
import pytest

from mmderain.errors import DataError
from mmderain.evaluation import get_protocol
from mmderain.evaluation.scorers import ProtocolScorer, TemporalErrorScorer
from mmderain.evaluation.sequences import SequencePair
from mmderain.evaluation.set_scores import score_set
from mmderain.media.clip_part import ClipPart, Moment
from mmderain.media.frame_source import (
    FrameSource,
    find_sources,
    info_of_images,
    open_source,
)
from mmderain.media.images import write_rgb
from mmderain.media.video_info import TimedFrame
from tests.helpers.videos import pictures, write_video


class Pipe(FrameSource):
    """Frames that come once, nobody knows how many."""

    images = None
    can_reread = False

    def __init__(self, path, frames):
        self.path = path
        self._frames = iter(frames)

    @property
    def num_frames(self):
        return None

    @property
    def info(self):
        return info_of_images((48, 64), 0)

    def read(self, on_bad=None, first=0, index=None):
        for number, frame in enumerate(self._frames):
            if number >= first:
                yield TimedFrame(frame, number, 1, number)


@pytest.fixture
def folder(tmp_path):
    for name in ('a.b', 'c'):
        for index, image in enumerate(pictures(4)):
            write_rgb(tmp_path / name / f'{index}.png', image)
    write_video(tmp_path / 'd.e.mkv', pictures(4), 'ffv1')
    (tmp_path / 'notes.txt').write_text('no frames')
    (tmp_path / 'empty').mkdir()
    return tmp_path


def test_all_sequences_of_a_folder_are_found_and_none_is_opened(folder):
    (folder / 'broken.mp4').write_bytes(b'no video')
    found = find_sources(folder)
    assert [source.name for source in found] == ['a.b', 'broken', 'c', 'd.e']
    assert [source.is_video for source in found] == [
        False, True, False, True]
    with pytest.raises(DataError, match=r'broken\.mp4: .*cannot be decoded'):
        next(found[1].pictures())
    for place, names in (('c', ['c']), ('c/1.png', ['1']), ('empty', []),
                         ('d.e.mkv', ['d.e']), ('nowhere', [])):
        assert [source.name for source in find_sources(
            folder / place)] == names


def test_the_current_folder_has_a_name(folder, monkeypatch):
    monkeypatch.chdir(folder / 'a.b')
    source, = find_sources(type(folder)('.'))
    assert source.name == 'a.b' and source.num_frames == 4


def test_images_and_a_video_are_the_same_to_a_reader(folder):
    images, video = (open_source(folder / name, Fraction(10))
                     for name in ('c', 'd.e.mkv'))
    assert images.info.upright_size == video.info.upright_size
    for ours, theirs, image in zip(images.pictures(), video.pictures(),
                                   pictures(4), strict=True):
        assert np.array_equal(ours, image)
        assert ours.shape == theirs.shape == image.shape
    # a process of its own gets it
    again = pickle.loads(pickle.dumps(images))
    assert len(list(again.read())) == 4 and again == images


def test_a_part_of_a_pipe(tmp_path):
    frames = pictures(6)
    part = ClipPart(Pipe(tmp_path / 'pipe', frames), Moment(frame=2),
                    Moment(frame=5))
    assert part.bounds is None and part.damage() == []
    found = list(part.read(skip=1))
    assert [frame.index for frame in found] == [3, 4]
    assert np.array_equal(found[0].image, frames[3])


def test_pipes_are_scored_without_being_read_twice(folder):
    rainy, clean = pictures(4), [255 - image for image in pictures(4)]
    protocol = get_protocol('vrds')
    scorers = [ProtocolScorer(protocol), TemporalErrorScorer()]
    pair = SequencePair('pipes', Pipe(folder / 'a', rainy),
                        Pipe(folder / 'b', clean))
    assert pair.num_frames is None
    scores = score_set([pair], protocol, scorers)
    for index, image in enumerate(rainy):
        write_rgb(folder / 'rainy' / f'{index}.png', image)
        write_rgb(folder / 'clean' / f'{index}.png', clean[index])
    stored = score_set([SequencePair(
        'folders', *(open_source(folder / name)
                     for name in ('rainy', 'clean')))], protocol, scorers)
    assert scores.figures() == stored.figures()
    with pytest.raises(DataError, match='can be read twice'):
        scores.sequences[0].read_frame(0)
    assert np.array_equal(stored.sequences[0].read_frame(2)[1], clean[2])
