"""Videos as they come from cameras: colours, time, rotation, damage."""

import errno
import os
import subprocess
import sys
from dataclasses import replace

import av
import numpy as np
import pytest

from mmderain.errors import DataError
from mmderain.media.encoding import Encoding
from mmderain.media.video_decoder import read_frames
from mmderain.media.video_encoder import VideoEncoder
from mmderain.media.video_info import read_info
from tests.helpers.videos import (
    decoded,
    pictures,
    times,
    with_index_first,
    write_video,
)
from tests.tiny import ROOT

# red and blue's share in the luma, by the standards
SHARES = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
FLAT = (180, 60, 110)


def ycbcr(rgb, matrix, is_full):
    """The standard's formula; scaled to 8 bits."""
    red, blue = SHARES[matrix]
    r, g, b = np.array(rgb) / 255
    luma = red * r + (1 - red - blue) * g + blue * b
    cb, cr = (b - luma) / (2 - 2 * blue), (r - luma) / (2 - 2 * red)
    if is_full:
        return 255 * luma, 255 * cb + 128, 255 * cr + 128
    return 219 * luma + 16, 224 * cb + 128, 224 * cr + 128


def flat_video(path, matrix, is_full, deep=False):
    planes = ycbcr(FLAT, matrix, is_full)
    scale = 4 if deep else 1
    frame = av.VideoFrame(64, 48, 'yuv420p10le' if deep else 'yuv420p')
    for plane, value in zip(frame.planes, planes, strict=True):
        kind = np.uint16 if deep else np.uint8
        plane.update(np.full(plane.buffer_size // kind().nbytes,
                             round(value * scale), kind).tobytes())
    tags = dict(colorspace=matrix, color_range=1 + is_full)
    return write_video(path, [frame], 'libx264', frame.format.name,
                       tags=tags, options={'crf': '1'})


@pytest.mark.parametrize('matrix', SHARES)
@pytest.mark.parametrize('is_full', [False, True])
@pytest.mark.parametrize('deep', [False, True])
def test_colours_by_the_stream_s_matrix_and_range(tmp_path, matrix, is_full,
                                                  deep):
    path = flat_video(tmp_path / 'a.mp4', matrix, is_full, deep)
    info = read_info(path)
    frame, = read_frames(path, info)
    assert np.abs(frame.image[24, 32] - np.array(FLAT, int)).max() <= 2
    out = tmp_path / 'b.mp4'
    encoder = VideoEncoder(out, info, Encoding('h264', crf=1))
    encoder.write(frame)
    encoder.close()
    with av.open(str(out)) as container:
        stored = next(container.decode(video=0))
    # FFmpeg's name for 8 bits in the full range
    eight = 'yuvj420p' if is_full else 'yuv420p'
    assert stored.format.name == ('yuv420p10le' if deep else eight)
    assert (int(stored.colorspace), int(stored.color_range)) == (
        matrix, 1 + is_full)
    values = [np.frombuffer(bytes(plane), np.uint16 if deep else np.uint8)[0]
              / (4 if deep else 1) for plane in stored.planes]
    assert np.abs(np.subtract(
        values, ycbcr(FLAT, matrix, is_full))).max() <= 2


def test_without_a_word_small_frames_are_601_and_large_ones_709(tmp_path):
    for height, guess in ((480, 6), (720, 1)):
        path = write_video(tmp_path / f'{height}.mp4',
                           [np.full((height, 64, 3), FLAT, np.uint8)])
        info = read_info(path)
        assert info.color.matrix == 2
        frame = info.color.from_rgb(np.full((8, 8, 3), FLAT, np.uint8),
                                    'yuv444p')
        values = [bytes(plane)[0] for plane in frame.planes]
        assert np.abs(np.subtract(
            values, ycbcr(FLAT, guess, False))).max() <= 1


def test_time_stamps_of_variable_rate(tmp_path):
    pts = [90, 3000, 3500, 9000, 9001, 40000]
    path = write_video(tmp_path / 'a.mp4', pictures(6), pts=pts)
    frames = list(read_frames(path, read_info(path)))
    assert [frame.pts for frame in frames] == pts
    assert [frame.index for frame in frames] == list(range(6))


@pytest.mark.parametrize(('rotation', 'turns'), [(90, 1), (180, 2), (-90, 3)])
def test_frames_are_turned_upright_and_back(tmp_path, rotation, turns):
    path = write_video(tmp_path / 'a.mp4', pictures(3), rotation=rotation)
    info = read_info(path)
    assert info.turns == turns
    frame = next(read_frames(path, info))
    assert frame.image.shape[:2] == info.upright_size
    stored = next(read_frames(path, replace(info, matrix=None))).image
    np.testing.assert_array_equal(frame.image, np.rot90(stored, turns))
    encoder = VideoEncoder(tmp_path / 'b.mp4', info, Encoding(crf=4))
    encoder.write(frame)
    encoder.close()
    written = read_info(tmp_path / 'b.mp4')
    assert written.matrix == info.matrix
    again = next(read_frames(tmp_path / 'b.mp4', replace(
        written, matrix=None, num_frames=None))).image
    # chroma is halved once more; a frame turned otherwise is 30 away
    assert np.abs(again.astype(int) - stored).mean() < 4


@pytest.mark.parametrize(('size', 'codec', 'source', 'stored'), [
    ((48, 64), 'h264', 'yuv420p', 'yuv420p'),
    ((47, 63), 'h264', 'yuv420p', 'yuv444p'),
    ((47, 63), 'ffv1', 'yuv420p', 'yuv420p'),
    ((48, 63), 'h264', 'yuv422p10le', 'yuv444p10le'),
    ((48, 64), 'hevc', 'yuv422p10le', 'yuv422p10le'),
    ((48, 64), 'h264', 'yuv444p12le', 'yuv444p10le'),
    ((48, 64), 'h264', 'yuvj420p', 'yuv420p'),
    ((48, 64), 'h264', 'nv12', 'yuv420p'),
    ((48, 64), 'h264', 'rgb24', 'yuv444p'),
    ((48, 64), 'h264', 'gray', 'gray')])
def test_pixel_formats_stay_near(size, codec, source, stored, tmp_path):
    path = write_video(tmp_path / 'a.mkv', pictures(2, size), 'ffv1')
    info = read_info(path)
    assert Encoding(codec).pixel_format(
        replace(info, pixel_format=source)) == stored
    encoder = VideoEncoder(tmp_path / 'b.mp4', replace(
        info, pixel_format=source), Encoding(codec))
    for frame in read_frames(path, info):
        encoder.write(frame)
    encoder.close()
    assert decoded(tmp_path / 'b.mp4')[1].shape == (*size, 3)
    assert len(times(tmp_path / 'b.mp4')) == 2


_CUT_OFF = '''
import os, sys
from pathlib import Path
from mmderain.media.video_decoder import read_frames
from mmderain.media.video_info import read_info
from mmderain.media.encoding import Encoding
from mmderain.media.video_encoder import VideoEncoder
source, target = map(Path, sys.argv[1:])
info = read_info(source)
encoder = VideoEncoder(target, info, Encoding())
for frame in read_frames(source, info):
    encoder.write(frame)
os._exit(0)
'''


def test_what_is_not_closed_can_be_played(tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(180))
    subprocess.run([sys.executable, '-W', 'ignore', '-c', _CUT_OFF, source,
                    tmp_path / 'b.mp4'], check=True, cwd=ROOT)
    # 2 seconds at a time, but for what the encoder still holds
    assert 60 <= len(times(tmp_path / 'b.mp4')) < 180


def damaged(path, at=0.5, count=200):
    content = bytearray(path.read_bytes())
    begin = int(len(content) * at)
    content[begin:begin + count] = b'\xff' * count
    path.write_bytes(content)
    return path


def test_a_broken_frame_is_an_error_or_left_out(tmp_path):
    # in FFV1 each frame stands for itself
    path = write_video(tmp_path / 'a.avi', pictures(20), 'ffv1')
    info = read_info(path)
    assert len(list(read_frames(path, info))) == 20
    damaged(path)
    with pytest.raises(DataError, match=r'a\.avi: .* after \d+ frames|damag'):
        list(read_frames(path, info))
    notes = []
    frames = list(read_frames(path, info, notes.append))
    assert 0 < len(frames) < 20 and len(frames) + len(notes) == 20


def test_a_truncated_video_is_named(tmp_path):
    path = write_video(tmp_path / 'a.mkv', pictures(20), 'ffv1')
    whole = write_video(tmp_path / 'b.mp4', pictures(40))
    content = path.read_bytes()
    path.write_bytes(content[:len(content) // 2])
    info = read_info(path)
    assert info.num_frames is None  # this container does not say
    content = whole.read_bytes()
    whole.write_bytes(content[:len(content) // 2])
    with pytest.raises(DataError, match='truncated or damaged'):
        read_info(whole)


def test_an_end_that_comes_too_early_is_told(tmp_path):
    path = write_video(tmp_path / 'a.mp4', pictures(40))
    early = with_index_first(path, tmp_path / 'b.mp4')
    content = early.read_bytes()
    early.write_bytes(content[:int(len(content) * 0.7)])
    info = read_info(early)
    with pytest.raises(DataError, match=r'it has 40 frames|packet \d+, after'):
        list(read_frames(early, info))
    notes = []
    frames = list(read_frames(early, info, notes.append))
    assert 3 < len(frames) < 40
    assert any('says it has 40 frames' in note for note in notes)


def test_what_is_no_video(tmp_path):
    path = tmp_path / 'a.mp4'
    with av.open(str(path), 'w') as container:
        sound = container.add_stream('aac', rate=48000)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((2, 1024), np.float32), format='fltp')
        frame.sample_rate = 48000
        container.mux(sound.encode(frame))
        container.mux(sound.encode())
    with pytest.raises(DataError, match='no video stream'):
        read_info(path)


@pytest.mark.skipif(not hasattr(os, 'geteuid') or os.geteuid() != 0,
                    reason='only root may become real-time')
def test_the_av1_encoder_leaves_the_priority_of_the_process(tmp_path):
    info = read_info(write_video(tmp_path / 'a.mp4', pictures(3)))
    before = os.sched_getscheduler(0)
    assert before == os.SCHED_OTHER
    encoder = VideoEncoder(tmp_path / 'b.mp4', info, Encoding('av1'))
    for frame in read_frames(tmp_path / 'a.mp4', info):
        encoder.write(frame)
    policies = {os.sched_getscheduler(int(thread))
                for thread in os.listdir('/proc/self/task')}
    encoder.close()
    assert policies == {before}
    assert os.sched_getscheduler(0) == before


@pytest.mark.parametrize(('number', 'remedy'), [
    (errno.EACCES, 'Change the permissions'), (errno.EMFILE, 'ulimit -n')])
def test_what_the_system_refuses_is_no_damage(tmp_path, monkeypatch, number,
                                              remedy):
    def refuse(*arguments, **options):
        raise av.error.FFmpegError(number, os.strerror(number), 'a.mp4')

    path = write_video(tmp_path / 'a.mp4', pictures(2))
    monkeypatch.setattr(av, 'open', refuse)
    with pytest.raises(DataError) as error:
        read_info(path)
    assert os.strerror(number) in str(error.value)
    assert remedy in str(error.value)
    assert 'damaged' not in str(error.value)
