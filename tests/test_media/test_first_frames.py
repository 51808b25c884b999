"""Frames before the first that can be decoded are counted."""

import av
import pytest

from mmderain.media.first_frames import count_undecodable
from tests.helpers.videos import pictures, times, write_video

FRAMES = 40
# frames whose decoding needs later ones come before a key frame, too
CODECS = {'libx264': {'g': '12'}, 'libx265': {
    'x265-params': 'log-level=error:keyint=12:open-gop=1:bframes=2'},
    'mpeg2video': {'g': '12', 'bf': '2'}}


def encoded(path, codec):
    """In a unit of time that every codec takes."""
    with av.open(str(path), 'w') as container:
        stream = container.add_stream(codec, rate=30, options=CODECS[codec])
        stream.height, stream.width, stream.pix_fmt = 96, 128, 'yuv420p'
        for image in pictures(FRAMES, (96, 128)):
            container.mux(stream.encode(
                av.VideoFrame.from_ndarray(image, format='rgb24')))
        container.mux(stream.encode())
    return path


def from_packet(whole, number, path):
    """A recording that begins with some packet of another one."""
    with av.open(str(whole)) as source, av.open(str(path), 'w') as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for count, packet in enumerate(source.demux(video=0)):
            if packet.size and count >= number:
                packet.stream = stream
                target.mux(packet)
    return path


@pytest.mark.parametrize('codec', CODECS)
@pytest.mark.parametrize('number', [0, 3, 12, 13])
def test_it_is_what_does_not_come_out(tmp_path, codec, number):
    whole = encoded(tmp_path / 'whole.ts', codec)
    cut = from_packet(whole, number, tmp_path / 'cut.ts')
    lost = FRAMES - number - len(times(cut))
    assert count_undecodable(cut) == lost
    assert lost if number == 3 else number or not lost


@pytest.mark.parametrize('name', ['a.mp4', 'a.mkv', 'a.avi', 'a.h264'])
def test_whole_files_have_none(tmp_path, name):
    assert not count_undecodable(
        write_video(tmp_path / name, pictures(8)))
