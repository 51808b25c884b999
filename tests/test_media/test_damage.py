"""Damage that demuxers pass over is found, and nothing else is called so."""

from fractions import Fraction

import av
import numpy as np
import pytest

from mmderain.apis import DerainInferencer
from mmderain.cli.derain import main
from mmderain.errors import DataError
from mmderain.media.damage import find_damage
from mmderain.media.frame_source import open_source
from tests.helpers.videos import (
    pictures,
    times,
    write_checkpoint,
    write_video,
)

FRAMES, RATE = 60, 25
X265 = {'x265-params': 'log-level=error'}
KINDS = {
    'h264.mkv': ('libx264', {}), 'ffv1.mkv': ('ffv1', {}),
    'hevc.mkv': ('libx265', X265), 'vp8.webm': ('libvpx', {}),
    'vp9.webm': ('libvpx-vp9', {'deadline': 'realtime', 'cpu-used': '8'}),
    'h264.ts': ('libx264', {}), 'hevc.ts': ('libx265', X265),
    'mpeg2.ts': ('mpeg2video', {}), 'h264.m2ts': ('libx264', {}),
    'h264.flv': ('libx264', {}), 'mpeg4.avi': ('mpeg4', {}),
    'h264.mp4': ('libx264', {}), 'h264.nut': ('libx264', {}),
    'mpeg4.nut': ('mpeg4', {}), 'ffv1.nut': ('ffv1', {})}
MATROSKA = [name for name in KINDS if name.endswith(('mkv', 'webm'))]
STREAMS = [name for name in KINDS if name.endswith('ts')]


@pytest.fixture(scope='module')
def clips(tmp_path_factory):
    """One noisy clip in many kinds of files, with key frames in between."""
    folder = tmp_path_factory.mktemp('clips')
    rng = np.random.default_rng(0)
    images = [np.clip(image + rng.integers(-8, 8, image.shape), 0, 255)
              .astype(np.uint8) for image in pictures(FRAMES, (96, 128))]
    for name, (codec, options) in KINDS.items():
        with av.open(str(folder / name), 'w') as container:
            video = container.add_stream(codec, rate=RATE, options=options)
            video.height, video.width = 96, 128
            video.pix_fmt = 'yuv420p'
            video.codec_context.gop_size = 12
            for index, image in enumerate(images):
                frame = av.VideoFrame.from_ndarray(image, format='rgb24')
                frame.pts, frame.time_base = index, Fraction(1, RATE)
                container.mux(video.encode(frame))
            container.mux(video.encode())
    return folder


def damaged(clips, name, tmp_path, change):
    path = tmp_path / name
    path.write_bytes(change((clips / name).read_bytes()))
    return path


def cut_at(share):
    return lambda content: content[:int(len(content) * share)]


def zeros(count, share=0.5):
    def change(content):
        begin = int(len(content) * share)
        return content[:begin] + bytes(count) + content[begin + count:]
    return change


def noticed(path):
    """What is said of a file, before it is decoded or while it is."""
    try:
        source = open_source(path)
        found = [str(item) for item in source.damage()]
        for _ in source.read():
            pass
    except DataError as error:
        return [str(error)]
    return found


@pytest.mark.parametrize('name', KINDS)
def test_a_whole_file_is_whole(clips, name):
    assert noticed(clips / name) == []
    assert len(list(open_source(clips / name).read())) == FRAMES


@pytest.mark.parametrize('name', [*MATROSKA, 'h264.flv', 'mpeg4.avi'])
@pytest.mark.parametrize('share', [0.6, 0.9])
def test_a_missing_end_is_told_in_frames_and_seconds(clips, tmp_path, name,
                                                     share):
    if name == 'mpeg4.avi' and share > 0.6:
        pytest.skip('of this file nothing but its index would be missing')
    path = damaged(clips, name, tmp_path, cut_at(share))
    there = len(list(open_source(path).read(on_bad=lambda message: None)))
    found = find_damage(path)
    assert found and found[-1].first in range(there - 1, FRAMES)
    if found[-1].frames is not None:
        # FFmpeg's FLV says it lasts two frames longer than it does
        last = found[-1].first + found[-1].frames
        assert FRAMES - 1 <= last <= FRAMES + 2
    assert ' s' in str(found[-1]) and 'missing or damaged' in str(found[-1])


@pytest.mark.parametrize('share', [0.6, 0.9])
@pytest.mark.parametrize('name', MATROSKA[:2])
def test_a_live_recording_that_ends_within_a_cluster(clips, tmp_path, name,
                                                     share):
    """Its header does not say how long it should be."""
    def change(content):
        place = content.index(bytes.fromhex('18538067')) + 4
        content = content[:place] + b'\x01' + b'\xff' * 7 + content[place + 8:]
        return cut_at(share)(content)

    last = find_damage(damaged(clips, name, tmp_path, change))[-1]
    assert 'within' in str(last) and 20 < last.first < FRAMES


@pytest.mark.parametrize('name', STREAMS)
def test_packets_that_were_received_with_errors(clips, tmp_path, name):
    """The receiver says so in them."""
    length = 192 if name.endswith('m2ts') else 188

    def change(content):
        content = bytearray(content)
        place = len(content) // 2 // length * length
        content[place + length - 188 + 1] |= 0x80
        return bytes(content)

    found = find_damage(damaged(clips, name, tmp_path, change))
    assert any('errors' in str(item) for item in found)


@pytest.mark.parametrize('name', STREAMS)
def test_a_stream_that_ends_within_a_packet(clips, tmp_path, name):
    length = 192 if name.endswith('m2ts') else 188
    path = damaged(clips, name, tmp_path, lambda content: content[
        :int(len(content) * 0.6) // length * length + 100])
    last = find_damage(path)[-1]
    assert 'within a packet' in str(last) and 20 < last.first < 50


@pytest.mark.parametrize('name', ['h264.nut', 'mpeg4.nut', 'ffv1.nut'])
def test_a_nut_that_is_cut_within_a_frame(clips, tmp_path, name):
    path = damaged(clips, name, tmp_path, cut_at(0.6))
    assert noticed(path)


@pytest.mark.parametrize('share', [0.2, 0.4, 0.6, 0.8])
@pytest.mark.parametrize('name', ['h264.nut', 'mpeg4.nut', 'ffv1.nut',
                                  'h264.flv'])
def test_frames_that_demuxers_pass_over(clips, tmp_path, name, share):
    """FFmpeg goes on at what it understands next, and says nothing."""
    path = damaged(clips, name, tmp_path, lambda content: content[:int(
        len(content) * share)] + content[int(len(content) * share) + 900:])
    assert noticed(path)


@pytest.mark.parametrize('count', [200, 2000])
@pytest.mark.parametrize('name', KINDS)
def test_zeros_in_the_middle(clips, tmp_path, name, count):
    assert noticed(damaged(clips, name, tmp_path, zeros(count)))


@pytest.mark.parametrize('name', MATROSKA[:3])
def test_every_bit_of_a_cluster_with_a_checksum_counts(clips, tmp_path, name):
    def change(content):
        place = len(content) // 2
        return (content[:place] + bytes([content[place] ^ 1])
                + content[place + 1:])

    found, = find_damage(damaged(clips, name, tmp_path, change))
    assert 'is damaged' in str(found)
    assert 0 <= found.begin < found.end <= FRAMES / RATE


@pytest.mark.parametrize('name', STREAMS)
def test_packets_that_were_lost(clips, tmp_path, name):
    """As by a bad reception: the stream goes on in step."""
    length = 192 if name.endswith('m2ts') else 188

    def change(content):
        # three packets that hold nothing but a part of a frame
        whole = [content[at:at + length]
                 for at in range(0, len(content), length)]
        first = next(
            at for at in range(len(whole) // 2, len(whole))
            if all(packet[length - 188 + 1] & 0x40 == 0
                   for packet in whole[at:at + 3]))
        return b''.join(whole[:first] + whole[first + 3:])

    found = find_damage(damaged(clips, name, tmp_path, change))
    assert any('packets are lost' in str(item) for item in found)
    assert 20 < found[0].first < 50


@pytest.mark.parametrize('name', ['h264.ts', 'h264.m2ts'])
def test_recordings_joined_end_to_end_lack_nothing(clips, tmp_path, name):
    path = damaged(clips, name, tmp_path, lambda content: 3 * content)
    assert find_damage(path) == []


def test_an_avi_of_fine_ticks_is_whole(tmp_path):
    """It counts in ticks, and does not say how long its last frame is."""
    path = write_video(tmp_path / 'a.avi', pictures(12))
    assert find_damage(path) == []


def test_a_long_interval_is_no_damage(tmp_path):
    stamps = [3000 * index + 900_000 * (index > 10) for index in range(20)]
    stamps[-1] += 700_000
    for name in ('a.mkv', 'a.mp4', 'a.ts', 'a.flv'):
        path = write_video(tmp_path / name, pictures(20), pts=stamps)
        assert noticed(path) == [], name


def test_frames_that_a_decoder_drops_are_told(clips, tmp_path):
    """A key frame is gone, packet and all: what follows needs it."""
    path = tmp_path / 'a.mp4'
    with av.open(str(clips / 'h264.mp4')) as source, av.open(
            str(path), 'w') as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.size and number not in (24, 25, 26):
                packet.stream = stream
                target.mux(packet)
    assert noticed(path)


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp('weights') / 'e.pth',
                            'eevrsr_derain_only')


def test_a_wrong_time_stamp_is_no_missing_frame(tmp_path):
    """As in a phone's video: one frame says that it is shown earlier."""
    path = write_video(tmp_path / 'a.mp4', pictures(20),
                       options={'bf': '2', 'g': '100'})
    moved = tmp_path / 'b.mp4'
    with av.open(str(path)) as source, av.open(str(moved), 'w') as target:
        old = source.streams.video[0]
        new = target.add_stream_from_template(old)
        for packet in source.demux(old):
            if packet.dts is None:
                continue
            if round(float(packet.pts * packet.time_base) * 30) == 11:
                packet.pts -= round(2.5 / 30 / packet.time_base)
            # time stamps may not be before those of decoding
            packet.dts -= round(4 / 30 / packet.time_base)
            packet.stream = new
            target.mux(packet)
    frames = list(open_source(moved).read())
    assert len(frames) == 20
    stamps = [frame.pts for frame in frames]
    assert stamps == sorted(set(stamps))
    marks = [round((float(np.median(frame.image[4:8, 4:8])) - 20) / 20)
             for frame in frames]
    assert marks == [index % 10 for index in range(20)]


def test_the_command_refuses_before_it_works(clips, checkpoint, tmp_path,
                                             capsys):
    path = damaged(clips, 'vp9.webm', tmp_path, cut_at(0.6))
    output = tmp_path / 'o.mkv'
    command = [str(path), str(output), '--checkpoint', str(checkpoint),
               '--device', 'cpu']
    assert main(command) == 2
    said = capsys.readouterr().err
    assert 'truncated' in said or 'length should be' in said
    assert '--skip-bad-frames' in said and ' s)' in said
    assert not list(tmp_path.glob('o.*'))
    # what is there can be had
    assert main([*command, '--skip-bad-frames']) == 0
    assert 'missing or damaged' in capsys.readouterr().err
    assert 0 < len(times(output)) < FRAMES


def test_a_part_before_the_damage_is_whole(clips, checkpoint, tmp_path,
                                           capsys):
    path = damaged(clips, 'h264.mkv', tmp_path, cut_at(0.6))
    command = [str(path), str(tmp_path / 'o.mkv'), '--checkpoint',
               str(checkpoint), '--device', 'cpu']
    assert main([*command, '--end', '20f']) == 0
    assert len(times(tmp_path / 'o.mkv')) == 20
    assert main([*command, '--end', '2.3', '--overwrite']) == 2


def test_python_is_told_too(clips, checkpoint, tmp_path):
    path = damaged(clips, 'ffv1.mkv', tmp_path, cut_at(0.6))
    derain = DerainInferencer(str(checkpoint), device='cpu')
    with pytest.raises(DataError, match='missing or damaged'):
        next(derain.frames(path))


@pytest.mark.parametrize('left', [1, 6, 500, 4613])
def test_a_y4m_that_ends_within_a_frame(tmp_path, left):
    """FFmpeg calls that its end; each frame has a line before it."""
    frame = b'FRAME\n' + bytes(64 * 48 * 3 // 2)
    path = tmp_path / 'a.y4m'
    path.write_bytes(b'YUV4MPEG2 W64 H48 F30:1 Ip C420jpeg\n' + 4 * frame)
    assert find_damage(path) == []
    with path.open('ab') as file:
        file.write(frame[:left])
    damage, = find_damage(path)
    assert str(damage) == (
        'frames from 4 on (from 0.133 s on) are missing or damaged: it ends '
        'within a frame: it is truncated')
