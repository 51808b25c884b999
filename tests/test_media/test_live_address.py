"""Live is what is spelt so, and nothing else."""

import pytest

from mmderain.media.live_address import LiveAddress


@pytest.mark.parametrize(('text', 'kind', 'name'), [
    ('-', 'pipe', 'pipe:0'),
    ('rtsp://cam/1', 'rtsp', 'rtsp://cam/1'),
    ('http://cam:80/a?b=c', 'http', 'http://cam:80/a?b=c'),
    ('https://cam/a.m3u8', 'http', 'https://cam/a.m3u8'),
    ('rtmp://cam/live/key', 'rtmp', 'rtmp://cam/live/key'),
    ('udp://@239.0.0.1:5000', 'udp', 'udp://@239.0.0.1:5000'),
    ('v4l2:/dev/video0', 'v4l2', '/dev/video0')])
def test_what_is_live(text, kind, name):
    address = LiveAddress.parse(text)
    assert (address.kind, address.ffmpeg_name) == (kind, name)
    assert 'file' not in address.protocols.split(',')


@pytest.mark.parametrize('text', [
    'a.mp4', './-', '--', '-.mp4', 'concat:a.ts|b.ts', 'subfile,,start,1,:a',
    'cache:http://cam/a', 'crypto+http://cam/a', 'file:a.mp4', 'pipe:0',
    'pipe:', 'fd:', 'tcp://cam:1', 'data:video/mp4,abc', 'async:rtsp://cam/1',
    'RTSP://cam/1', 'rtsp:/cam/1', 'rtsp:///etc/passwd', 'http://',
    'http://cam/a b', 'v4l2:/dev/video', 'v4l2:/dev/../etc/passwd',
    'v4l2:/dev/video0x', 'v4l2:video0', '/dev/video0', 'rtsp://cam/1\n'])
def test_all_else_is_a_path(text):
    assert LiveAddress.parse(text) is None


def test_passwords_are_not_shown():
    address = LiveAddress.parse('rtsp://me:secret@cam:554/a@b')
    assert str(address) == 'rtsp://me:...@cam:554/a@b'
    assert 'secret' in address.ffmpeg_name
