"""What players do with the time of an output: rate, start, sound."""

from fractions import Fraction

import av
import numpy as np
import pytest

from mmderain.compat import keep_scheduling
from tests.helpers.videos import marks, packets, pictures, times, write_video

RATES = [Fraction(25), Fraction(30), Fraction(50), Fraction(30000, 1001)]


def write_at_rate(path, rate, codec='libx264', options=None, count=20,
                  size=(48, 64)):
    with av.open(str(path), 'w') as container:
        video = container.add_stream(codec, rate=rate, options=options or {})
        video.height, video.width = size
        if codec == 'mjpeg':
            video.pix_fmt = 'yuvj420p'
        for index, image in enumerate(pictures(count, size)):
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(video.encode(frame))
        container.mux(video.encode())
    return path


@pytest.mark.parametrize('target', ['.mp4', '.mov', '.mkv'])
@pytest.mark.parametrize('rate', RATES)
def test_the_rate_is_that_of_the_source(derain, tmp_path, rate, target):
    source = write_at_rate(tmp_path / 'a.mp4', rate)
    output = tmp_path / f'b{target}'
    assert derain(source, output, '--segment-frames', 7)[0] == 0
    with av.open(str(output)) as container:
        video = container.streams.video[0]
        assert video.average_rate == video.base_rate == rate


def test_a_rate_that_a_file_says_wrongly_is_not_passed_on(derain, tmp_path):
    source = tmp_path / 'a.mkv'
    with av.open(str(source), 'w') as container, av.open(str(write_at_rate(
            tmp_path / 'a.mp4', Fraction(25)))) as original:
        stream = container.add_stream_from_template(original.streams.video[0],
                                                    opaque=True)
        stream.codec_context.framerate = 1000
        for packet in original.demux(video=0):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    output = tmp_path / 'b.mkv'
    assert derain(source, output)[0] == 0
    with av.open(str(output)) as container:
        assert container.streams.video[0].average_rate == 25


@pytest.mark.parametrize('rate', [Fraction(30), Fraction(24000, 1001)])
@pytest.mark.parametrize('name, codec', [
    ('a.h264', 'libx264'), ('a.hevc', 'libx265')])
def test_a_stream_without_container_has_the_rate_that_it_says(
        derain, tmp_path, name, codec, rate):
    # FFmpeg takes 25, though what is encoded says another
    source = write_at_rate(tmp_path / name, rate, codec)
    output = tmp_path / 'b.mp4'
    assert derain(source, output, '--segment-frames', 7)[0] == 0
    assert times(output) == [
        pytest.approx(float(index / rate), abs=1e-4) for index in range(20)]
    with av.open(str(output)) as container:
        assert container.streams.video[0].average_rate == rate
    part = tmp_path / 'part.mp4'
    assert derain(source, part, '--start', '0.2')[0] == 0
    assert len(times(part)) == sum(
        index / rate >= Fraction('0.2') for index in range(20))


@pytest.mark.parametrize('name, codec, options', [
    ('a.mjpeg', 'mjpeg', {}), ('a.obu', 'libsvtav1', {}),
    ('a.hevc', 'libx265', {'x265-params': 'vui-timing-info=0'})])
def test_a_stream_that_says_no_rate_gets_one_and_a_note(
        derain, tmp_path, name, codec, options):
    with keep_scheduling():
        source = write_at_rate(tmp_path / name, Fraction(30), codec, options,
                               6, (64, 96))
    output = tmp_path / 'b.mp4'
    status, said = derain(source, output)
    assert status == 0 and times(output) == [
        Fraction(index, 25) for index in range(6)]
    assert ('a rate is not said in it: it is given 25 frames a second'
            in said)
    assert (f'ffmpeg -framerate RATE -i {source} -c copy a.with_rate.mp4'
            in said)


def test_no_such_note_where_a_rate_is_said(derain, tmp_path):
    source = write_at_rate(tmp_path / 'a.h264', Fraction(25), count=3)
    status, said = derain(source, tmp_path / 'b.mp4')
    assert status == 0 and 'a rate' not in said


@pytest.mark.parametrize('codec', ['libx264', 'mpeg4'])
def test_frames_of_avi_are_shown_when_their_turn_comes(derain, tmp_path,
                                                       codec):
    source = write_at_rate(tmp_path / 'a.avi', Fraction(25), codec,
                           {'bf': '2', 'b': '4000000'})
    with av.open(str(source)) as container:
        assert container.streams.video[0].codec_context.has_b_frames
    output = tmp_path / 'b.mp4'
    assert derain(source, output)[0] == 0
    assert times(output) == [Fraction(index, 25) for index in range(20)]
    assert marks(output) == marks(source)
    with av.open(str(output)) as container:
        assert container.streams.video[0].average_rate == 25
        assert container.duration == 800000


@pytest.mark.parametrize('target', ['.mp4', '.mkv'])
@pytest.mark.parametrize(('kind', 'begin'), [
    ('.ts', 7200), ('.flv', 7200), ('.mkv', 7200),
    # .1 s before its 33 bits are full, so that FFmpeg counts below zero
    ('.ts', 95443.6)])
def test_a_clock_that_ran_before_is_set_to_zero(derain, tmp_path, kind,
                                                begin, target):
    """Hours of nothing would come first; what is below zero would be lost."""
    source = tmp_path / f'a{kind}'
    exact = {'mpegts_copyts': '1'} if kind == '.ts' else {}
    with av.open(str(source), 'w', options=exact) as container:
        video = container.add_stream('libx264', rate=30)
        video.height, video.width = 48, 64
        sound = container.add_stream('aac', rate=48000, layout='mono')
        for index, image in enumerate(pictures(10)):
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            frame.pts = index + round(30 * begin)
            frame.time_base = Fraction(1, 30)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        for index in range(15):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format='fltp', layout='mono')
            frame.sample_rate = 48000
            frame.pts = 1024 * index + round(48000 * begin)
            container.mux(sound.encode(frame))
        container.mux(sound.encode())
    output = tmp_path / f'b{target}'
    assert derain(source, output)[0] == 0
    theirs, ours = times(source), times(output)
    assert ours[0] < 0.05
    np.testing.assert_allclose(
        np.subtract(ours, ours[0]).astype(float),
        np.subtract(theirs, theirs[0]).astype(float), atol=1e-3)
    shifts = [theirs[0] - ours[0],
              packets(source)['audio'][0][0] - packets(output)['audio'][0][0]]
    assert abs(shifts[0] - shifts[1]) < 2e-3
    with av.open(str(output)) as container:
        assert container.duration < 600000


def test_chapters_of_a_part_are_kept(derain, tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(30), extras=True)
    output = tmp_path / 'b.mp4'
    assert derain(source, output, '--start', '6f', '--end', '12f')[0] == 0
    with av.open(str(output)) as container:
        chapter, = container.chapters()
    unit = chapter['time_base']
    assert chapter['start'] == 0 and chapter['metadata'] == {'title': 'first'}
    assert chapter['end'] * unit == pytest.approx(0.2, abs=2e-3)


def test_a_clock_that_begins_anew_is_refused(derain, tmp_path):
    """Two recordings joined by `cat`: no time of the second is its own."""
    one, two = (write_video(tmp_path / f'{name}.ts', pictures(25),
                            options={'bf': '0'}) for name in 'ab')
    joined = tmp_path / 'joined.ts'
    joined.write_bytes(one.read_bytes() + two.read_bytes())
    status, said = derain(joined, tmp_path / 'o.mkv')
    assert status == 2 and 'begins anew after 25 frames' in said
    assert f'ffmpeg -i {joined} -map 0 -c copy' in said
    assert not list(tmp_path.glob('o.mkv*'))
    assert derain(one, tmp_path / 'o.mkv')[0] == 0


def test_what_comes_before_the_first_key_frame_is_counted(derain, tmp_path):
    """A recording of a broadcast begins anywhere."""
    whole = write_video(tmp_path / 'whole.ts', pictures(40),
                        options={'g': '12', 'bf': '0'})
    with av.open(str(whole)) as source, av.open(
            str(tmp_path / 'cut.ts'), 'w') as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for count, packet in enumerate(source.demux(video=0)):
            if packet.size and count >= 7:
                packet.stream = stream
                target.mux(packet)
    status, said = derain(tmp_path / 'cut.ts', tmp_path / 'a.mp4')
    assert status == 0 and 'left out: the first 5 frames (0.17 s)' in said
    assert '28 frames' in said
    status, said = derain(whole, tmp_path / 'b.mp4')
    assert status == 0 and 'left out' not in said
