"""What a video becomes where nobody says which codec."""

import av
import pytest

from mmderain.media.encoding import Encoding
from mmderain.media.losses import losses
from mmderain.media.video_decoder import read_frames
from mmderain.media.video_encoder import VideoEncoder
from mmderain.media.video_info import read_info
from tests.helpers.videos import pictures, write_video

QUIET = {'x265-params': 'log-level=error'}


@pytest.mark.parametrize('codec, pixel_format, becomes, named', [
    ('libx264', 'yuv420p', ('h264', 'yuv420p'), False),
    ('libx264', 'yuv422p', ('h264', 'yuv422p'), False),
    ('libx264', 'yuv420p10le', ('h264', 'yuv420p'), True),
    ('libx265', 'yuv420p', ('hevc', 'yuv420p'), False),
    ('libx265', 'yuv420p10le', ('hevc', 'yuv420p10le'), False),
    ('ffv1', 'yuv420p10le', ('h264', 'yuv420p'), True),
    ('libvpx-vp9', 'yuv420p', ('h264', 'yuv420p'), False)])
def test_few_devices_are_left_out(tmp_path, codec, pixel_format, becomes,
                                  named):
    path = write_video(tmp_path / 'a.mkv', pictures(6), codec, pixel_format,
                       options=QUIET if codec == 'libx265' else {})
    info = read_info(path)
    encoder = VideoEncoder(tmp_path / 'b.mp4', info, Encoding())
    for frame in read_frames(path, info):
        encoder.write(frame)
    encoder.close()
    with av.open(str(tmp_path / 'b.mp4')) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == becomes
    assert bool(losses(info, Encoding())) == named
    assert losses(info, Encoding('hevc')) == losses(info, None) == []


def test_a_codec_that_is_named_keeps_the_depth(tmp_path):
    info = read_info(write_video(tmp_path / 'a.mkv', pictures(2), 'ffv1',
                                 'yuv420p10le'))
    assert Encoding('h264').pixel_format(info) == 'yuv420p10le'
