"""Streams beside the picture and the sound: kept, or named."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from tests.helpers.videos import marks, pictures, times, write_video

JPEG = cv2.imencode('.jpg', pictures(1, seed=1)[0])[1].tobytes()


def write(path, timecode=None, cover=False, second=False, said=()):
    """A short video with what is asked for beside it."""
    with av.open(str(path), 'w') as container:
        container.metadata.update(said)
        streams = [container.add_stream('libx264', rate=25)
                   for _ in range(1 + second)]
        for stream in streams:
            stream.height, stream.width = 48, 64
        if timecode:
            streams[0].metadata['timecode'] = timecode
        if cover and path.suffix == '.mkv':
            container.add_attachment('a.jpeg', 'image/jpeg', JPEG)
        elif cover:
            streams.append(container.add_mux_stream(
                'mjpeg', width=64, height=48, time_base=Fraction(1, 90000)))
            streams[-1].disposition = av.stream.Disposition.attached_pic
        container.start_encoding()
        if cover and path.suffix != '.mkv':
            packet = av.Packet(JPEG)
            packet.stream = streams.pop()
            packet.pts = packet.dts = 0
            packet.time_base = Fraction(1, 90000)
            container.mux(packet)
        for image in pictures(4):
            for stream in streams:
                container.mux(stream.encode(
                    av.VideoFrame.from_ndarray(image, format='rgb24')))
        for stream in streams:
            container.mux(stream.encode())
    return path


@pytest.mark.parametrize('target', ['.mov', '.mp4', '.mkv'])
def test_the_time_code_stays(derain, tmp_path, target):
    source = write(tmp_path / 'a.mov', timecode='01:02:03:04')
    output = tmp_path / f'b{target}'
    status, said = derain(source, output)
    assert status == 0 and 'not ' not in said, said
    with av.open(str(output)) as container:
        found = {key.lower(): value for key, value in
                 container.streams.video[0].metadata.items()}
        assert found['timecode'] == '01:02:03:04'
        assert len(container.streams) == (1 if target == '.mkv' else 2)
    part = tmp_path / f'c{target}'
    status, said = derain(source, part, '--start', '1f')
    assert status == 0 and 'not kept: the time code' in said
    with av.open(str(part)) as container:
        assert len(container.streams) == 1


@pytest.mark.parametrize('target', ['.mov', '.mp4', '.mkv'])
@pytest.mark.parametrize('kind', ['.mp4', '.mkv'])
def test_a_cover_picture_stays_one_or_is_named(derain, tmp_path, kind,
                                               target):
    source = write(tmp_path / f'a{kind}', cover=True)
    output = tmp_path / f'b{target}'
    status, said = derain(source, output)
    assert status == 0
    with av.open(str(output)) as container:
        first, *others = container.streams
        assert first.codec_context.name == 'h264'
        if target == '.mov':
            assert 'not kept: the cover picture' in said and not others
            return
        cover, = others
        assert cover.disposition == av.stream.Disposition.attached_pic
        content = {bytes(packet) for packet in container.demux(cover)
                   if packet.size and packet.stream == cover}
    assert content == {JPEG}


def test_another_video_stream_is_named(derain, tmp_path):
    source = write(tmp_path / 'a.mkv', second=True)
    status, said = derain(source, tmp_path / 'b.mkv')
    assert status == 0
    assert 'not derained, but copied as it is: video stream 1' in said


@pytest.mark.parametrize('kind', ['.mp4', '.mkv', 'counted.mkv'])
def test_one_picture_before_the_video_is_not_the_video(derain, tmp_path,
                                                       kind):
    """A cover that nobody has marked as one."""
    source = tmp_path / f'a{kind}'
    with av.open(str(source), 'w') as container:
        cover, video = (container.add_stream(name, rate=30)
                        for name in ('mjpeg', 'libx264'))
        for stream in (cover, video):
            stream.height, stream.width = 48, 64
        cover.pix_fmt = 'yuvj420p'
        if kind == 'counted.mkv':  # as mkvmerge does
            cover.metadata['NUMBER_OF_FRAMES'] = '1'
        for index, image in enumerate(pictures(9)):
            for stream in (cover, video)[index > 0:]:
                frame = av.VideoFrame.from_ndarray(image, format='rgb24')
                frame.pts, frame.time_base = index, Fraction(1, 30)
                container.mux(stream.encode(frame))
        for stream in (cover, video):
            container.mux(stream.encode())
    output = tmp_path / 'b.mkv'
    status, said = derain(source, output)
    assert status == 0
    assert 'copied as it is: video stream 0 (mjpeg)' in said
    assert len(marks(output)) == 9
    with av.open(str(output)) as container:
        assert [stream.codec_context.name
                for stream in container.streams] == ['h264', 'mjpeg']


@pytest.mark.parametrize(('name', 'words', 'is_kept'), [
    ('b.mp4', (), True), ('b.mkv', (), True), ('b.ts', (), True),
    ('b.mkv', ('--codec', 'ffv1'), False),
    ('b.mkv', ('--encoder', 'mpeg4'), True),
    ('b.mp4', ('--codec', 'av1'), True), ('b.mkv', ('--codec', 'av1'), False),
    ('b.mp4', ('--encoder', 'libvpx-vp9'), True), ('b.webm', (), False)])
def test_the_shape_of_pixels_stays_or_is_named(derain, tmp_path, name, words,
                                               is_kept):
    source = write_video(tmp_path / 'a.mkv', pictures(3),
                         tags=dict(sample_aspect_ratio=Fraction(64, 45)))
    status, said = derain(source, tmp_path / name, *words)
    assert status == 0, said
    with av.open(str(tmp_path / name)) as container:
        found = container.streams.video[0].sample_aspect_ratio
    assert (found == Fraction(64, 45)) == is_kept
    assert ('not kept: the shape of pixels, 64:45' in said) != is_kept, said


def test_hevc_is_tagged_as_apple_plays_it(derain, tmp_path):
    source = write_video(tmp_path / 'a.mkv', pictures(3))
    for target in ('.mp4', '.mov'):
        output = tmp_path / f'b{target}'
        assert derain(source, output, '--codec', 'hevc')[0] == 0
        with av.open(str(output)) as container:
            assert container.streams.video[0].codec_context.codec_tag == 'hvc1'


@pytest.mark.parametrize('target', ['.mov', '.mp4', '.mkv'])
def test_languages_stay(derain, tmp_path, target):
    codes = ['eng', 'deu', 'ger', 'fra', 'fre', 'swe', 'hrv', 'gsw']
    source = tmp_path / 'a.mkv'
    with av.open(str(source), 'w') as container:
        video = container.add_stream('libx264', rate=25)
        video.height, video.width = 48, 64
        sounds = [container.add_stream('aac', rate=48000, layout='mono')
                  for _ in codes]
        for sound, code in zip(sounds, codes, strict=True):
            sound.metadata['language'] = code
        for image in pictures(3):
            container.mux(video.encode(
                av.VideoFrame.from_ndarray(image, format='rgb24')))
        container.mux(video.encode())
        for sound in sounds:
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format='fltp', layout='mono')
            frame.sample_rate, frame.pts = 48000, 0
            container.mux(sound.encode(frame))
            container.mux(sound.encode())
    output = tmp_path / f'b{target}'
    status, said = derain(source, output)
    assert status == 0
    with av.open(str(output)) as container:
        found = [stream.language for stream in container.streams.audio]
    if target == '.mov':
        assert 'not kept: the language gsw of audio stream 8' in said
        # QuickTime's numbers, as FFmpeg names them
        codes = ['eng', 'ger', 'ger', 'fra', 'fra', 'sve', 'hr ', None]
    assert found == codes


@pytest.mark.parametrize(('name', 'words'), [
    ('b.ts', ()), ('b.m4v', ()), ('c.webm', ('--leave-out-streams', )),
    ('b.webm', ('--encoder', 'libvpx-vp9', '--encoder-option', 'cpu-used=8',
                '--leave-out-streams'))])
def test_other_containers(derain, tmp_path, name, words):
    source = write_video(tmp_path / 'a.mkv', pictures(12))
    status, said = derain(source, tmp_path / name, '--segment-frames', 5,
                          *words)
    assert status == 0, said
    assert marks(tmp_path / name) == marks(source)
    assert [round(float(stamp), 3) for stamp in times(tmp_path / name)] == [
        round(float(stamp), 3) for stamp in times(source)]


@pytest.mark.parametrize('source', ['a.mkv', 'a.mp4'])
@pytest.mark.parametrize('target', ['b.mkv', 'b.mp4'])
def test_all_of_a_second_video_is_copied(derain, tmp_path, source, target):
    """Matroska says of no picture when it is decoded; here not in order."""
    path = tmp_path / source
    with av.open(str(path), 'w') as container:
        streams = [container.add_stream('libx264', rate=30) for _ in 'ab']
        for stream in streams:
            stream.height, stream.width = 48, 64
        for index, image in enumerate(pictures(12)):
            for stream in streams:
                frame = av.VideoFrame.from_ndarray(image, format='rgb24')
                frame.pts, frame.time_base = index, Fraction(1, 30)
                container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode())
    assert derain(path, tmp_path / target)[0] == 0
    before, after = (seconds_and_pixels(path, 1)
                     for path in (path, tmp_path / target))
    assert len(before) == len(after) == 12
    for (time, image), (new_time, new_image) in zip(before, after,
                                                    strict=True):
        assert new_time == pytest.approx(time, abs=2e-3)
        np.testing.assert_array_equal(new_image, image)
    assert times(tmp_path / target) == pytest.approx(
        [index / 30 for index in range(12)], abs=2e-3)


def seconds_and_pixels(path, stream):
    with av.open(str(path)) as container:
        return [(float(frame.pts * frame.time_base), frame.to_ndarray())
                for frame in container.decode(video=stream)]


@pytest.mark.parametrize('name', ['b.ts', 'b.mkv', 'b.mp4'])
def test_what_a_file_says_of_itself(derain, tmp_path, name):
    said = {'title': 'Rain in Bern', 'comment': 'from the left camera'}
    source = write(tmp_path / 'a.mp4', said=said)
    status, told = derain(source, tmp_path / name)
    with av.open(str(tmp_path / name)) as container:
        kept = {key.lower(): value
                for key, value in container.metadata.items()}
    assert status == 0
    assert (said.items() <= kept.items()) != (name == 'b.ts')
    assert ('not kept: what the file says of itself (comment, title), which '
            '.ts does not hold' in told) == (name == 'b.ts')
