"""A pipe that is read, whoever writes it and however it comes."""

import os
import threading
import time

import av
import pytest

from mmderain.media.matroska_stream import MatroskaStream
from mmderain.media.watched_pipe import WatchedPipe
from tests.helpers.videos import pictures, write_video


@pytest.mark.parametrize('is_blocking', [True, False])
def test_it_waits_for_who_writes(is_blocking):
    """Some programs start others with a pipe that does not block."""
    read, write = os.pipe()
    os.set_blocking(read, is_blocking)

    def send():
        for part in (b'rain', b'drops'):
            time.sleep(0.1)
            os.write(write, part)
        os.close(write)

    sender = threading.Thread(target=send)
    sender.start()
    pipe = WatchedPipe(read, 'the pipe')
    came = b''
    while part := pipe.read(100):
        came += part
    sender.join()
    os.close(read)
    assert came == b'raindrops'


@pytest.mark.parametrize('step', [1, 7, 4096, 1 << 20])
def test_matroska_in_pieces_of_any_size(tmp_path, step):
    path = write_video(tmp_path / 'a.mkv', pictures(24))
    content = path.read_bytes()
    with av.open(str(path)) as container:
        places = [packet.pos for packet in container.demux(video=0)]

    def damage(content):
        stream = MatroskaStream()
        for begin in range(0, len(content), step):
            stream.feed(content[begin:begin + step])
        return stream.damage()

    assert damage(content) is None
    assert damage(b'YUV4MPEG2 W64 H48' + content) is None
    assert 'ends within what begins at byte' in damage(
        content[:places[12] + 5])
    broken = bytearray(content)
    broken[places[12] - 4:places[12] + 4] = bytes(8)
    assert 'structure is damaged at byte' in damage(bytes(broken))
