"""Clips entered anywhere give the frames that reading all of them gives."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from mmderain.errors import DataError
from mmderain.media import video_decoder
from mmderain.media.clip_part import ClipPart, Moment
from mmderain.media.frame_source import open_source
from mmderain.media.video_decoder import read_frames
from mmderain.media.video_index import read_index
from mmderain.media.video_info import read_info
from tests.helpers.videos import pictures, write_video

COUNT = 60
VARIABLE = [500 + 3000 * index + 700 * (index % 4) for index in range(COUNT)]
OPEN = 'open-gop=1:bframes=3:b-pyramid=normal:scenecut=0'
GROUPS = {'g': '12', 'bf': '3'}

# name, codec, pixel format, time stamps, options
VIDEOS = {
    'plain.mp4': ('libx264', 'yuv420p', None, GROUPS),
    'variable.mp4': ('libx264', 'yuv420p', VARIABLE, GROUPS),
    'variable.mkv': ('libx264', 'yuv420p', VARIABLE, GROUPS),
    'open.mp4': ('libx264', 'yuv420p', None,
                 {'g': '12', 'x264-params': OPEN}),
    'open.mkv': ('libx265', 'yuv420p', None, {
        'x265-params': 'keyint=12:min-keyint=12:log-level=error'}),
    'one_group.mp4': ('libx264', 'yuv420p', None, {'g': '1000'}),
    'all_keys.mkv': ('ffv1', 'yuv420p', VARIABLE, {}),
    'broadcast.ts': ('libx264', 'yuv420p', None, GROUPS),
    'web.webm': ('libvpx-vp9', 'yuv420p', None, {'g': '12'}),
    'hidden.webm': ('libvpx', 'yuv420p', None, {'g': '12'}),
    'no_stamps.avi': ('libx264', 'yuv420p', None, GROUPS)}


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('videos')
    for name, (codec, pixels, pts, options) in VIDEOS.items():
        write_video(folder / name, pictures(COUNT), codec, pixels, pts,
                    options=options)
    return folder


@pytest.fixture
def decodes(monkeypatch):
    """Notes when a video is decoded from its beginning."""
    counted = []
    original = video_decoder._decoded

    def count(*arguments):
        counted.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(video_decoder, '_decoded', count)
    return counted


def assert_same(ours, theirs):
    assert [(frame.pts, frame.duration, frame.index) for frame in ours] == [
        (frame.pts, frame.duration, frame.index) for frame in theirs]
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one.image, other.image)


@pytest.mark.parametrize('name', VIDEOS)
def test_frames_after_seeking_are_those_of_decoding_all(folder, name,
                                                        decodes):
    path = folder / name
    info = read_info(path)
    everything = list(read_frames(path, info))
    index = read_index(path)
    if name in ('hidden.webm', 'no_stamps.avi'):
        assert index is None  # and all is decoded, below
    else:
        assert list(index.pts) == [frame.pts for frame in everything]
    decodes.clear()
    for first in (1, 11, 12, 13, 23, 24, 25, 36, 47, COUNT - 1, COUNT):
        assert_same(list(read_frames(path, info, None, first, index)),
                    everything[first:])
    # a fallback is right, too, but it must not be what was tested
    assert bool(decodes) == (index is None)


def test_less_is_decoded(folder, monkeypatch):
    path = folder / 'plain.mp4'
    info, index = read_info(path), read_index(path)
    assert list(index.keys) == [0, 12, 24, 36, 48]
    sent = []
    original = video_decoder._packets

    def count(*arguments):
        for packet in original(*arguments):
            sent.append(packet.pts)
            yield packet

    monkeypatch.setattr(video_decoder, '_packets', count)
    assert len(list(read_frames(path, info, None, 50, index))) == 10
    assert len(sent) <= 13 + 12  # and what lay between two key frames


def test_what_cannot_be_entered_is_decoded_from_the_start(folder, decodes):
    path = folder / 'plain.mp4'
    info, index = read_info(path), read_index(path)
    everything = list(read_frames(path, info))
    # an index that is wrong is noticed before a frame is handed out
    wrong = type(index)(index.pts + 1, index.keys, index.packets)
    decodes.clear()
    assert_same(list(read_frames(path, info, None, 30, wrong)),
                everything[30:])
    assert len(decodes) == 1


def test_packets_that_do_not_tell_the_frames(folder, tmp_path):
    content = (folder / 'broadcast.ts').read_bytes()
    # time stamps jump back
    twice = tmp_path / 'twice.ts'
    twice.write_bytes(content + content)
    assert read_index(twice) is None
    # in the middle of a group: what comes first cannot be decoded
    late = tmp_path / 'late.ts'
    with av.open(str(folder / 'broadcast.ts')) as source, av.open(
            str(late), 'w') as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.size and number > 3:
                packet.stream = stream
                target.mux(packet)
    assert read_index(late) is None


def test_frames_that_are_cut_away_are_not_counted(folder, tmp_path):
    # an edit list lets the video begin within a group of pictures
    cut = tmp_path / 'cut.mp4'
    with av.open(str(folder / 'plain.mp4')) as source, av.open(
            str(cut), 'w') as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.pts -= 15000
                packet.dts -= 15000
                packet.stream = stream
                target.mux(packet)
    info, index = read_info(cut), read_index(cut)
    everything = list(read_frames(cut, info))
    assert len(everything) < COUNT
    for first in (1, 5, 20, 40):
        assert_same(list(read_frames(cut, info, None, first, index)),
                    everything[first:])


def test_damage_after_the_entry_is_told(tmp_path):
    path = write_video(tmp_path / 'a.mkv', pictures(40), 'ffv1',
                       options={'level': '3', 'slicecrc': '1'})
    info, index = read_info(path), read_index(path)
    content = bytearray(path.read_bytes())
    place = int(len(content) * 0.7)
    content[place:place + 200] = b'\xff' * 200
    path.write_bytes(content)
    with pytest.raises(DataError, match='--skip-bad-frames'):
        list(read_frames(path, info, None, 10, index))
    # all are read and counted where bad frames are left out
    notes = []
    after = list(read_frames(path, info, notes.append, 10, index))
    whole = list(read_frames(path, info, notes.append))
    assert notes[:len(notes) // 2] == notes[len(notes) // 2:] != []
    assert_same(after, [frame for frame in whole if frame.index >= 10])


PARTS = [(None, None), ('20f', None), ('20f', '41f'), (None, '0.5'),
         ('0.35', '1.2'), ('0.7', None), ('90f', None), ('9:00', None)]


@pytest.mark.parametrize(('start', 'end'), PARTS)
@pytest.mark.parametrize('name', ['variable.mp4', 'no_stamps.avi'])
def test_parts_are_the_same_with_and_without_an_index(folder, name, start,
                                                      end):
    moments = [text and Moment.parse(text) for text in (start, end)]
    source = open_source(folder / name)
    # which reads everything
    expected = list(ClipPart(source, *moments, skips_bad=True).read())
    part = ClipPart(source, *moments)
    for skip in (0, 3, 70):
        assert_same(list(part.read(skip=skip)), expected[skip:])
    if part.bounds:
        first, end = part.bounds
        assert max(0, end - first) == len(expected)
    unit = source.info.time_base
    begin = next(source.read()).pts
    for frame in expected:
        seconds = (frame.pts - begin) * unit
        if start == '0.35':
            assert Fraction('0.35') <= seconds < Fraction('1.2')


def test_images_are_skipped_without_reading_them(tmp_path):
    for index, frame in enumerate(pictures(8)):
        cv2.imwrite(str(tmp_path / f'{index}.png'), frame)
    source = open_source(tmp_path)
    everything = list(source.read())
    for index in (1, 2, 3):
        (tmp_path / f'{index}.png').write_bytes(b'no image')
    part = ClipPart(source, Moment.parse('0.1'), Moment.parse('7f'))
    assert part.bounds == (3, 7)
    assert_same(list(part.read(skip=1)), everything[4:7])
    with pytest.raises(DataError, match=r'3\.png'):
        list(part.read())
    # bad ones count for no segment
    notes = []
    skipping = ClipPart(source, Moment.parse('0.1'), None, skips_bad=True)
    assert skipping.bounds is None
    assert [frame.index for frame in skipping.read(notes.append, 1)] == [
        5, 6, 7]
    assert len(notes) == 3


@pytest.mark.parametrize(('length', 'start', 'end'), [
    ('2', None, '2'), ('7f', None, '7f'), ('2', '1:00.5', '62.5'),
    ('7f', '13f', '20f'), ('7f', '0', '7f'), ('2', '0f', '2')])
def test_a_length_ends_so_long_after_the_beginning(length, start, end):
    begin = None if start is None else Moment.parse(start)
    assert Moment.parse(length).after(begin) == Moment.parse(end)
