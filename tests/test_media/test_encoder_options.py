"""What encoders take, wherever it is asked for."""

import pytest

from mmderain.errors import UserError
from mmderain.media.encoding import Encoding
from mmderain.media.video_encoder import VideoEncoder
from mmderain.media.video_info import TimedFrame, read_info
from tests.helpers.videos import pictures, write_video


def test_a_webm_gets_what_it_holds():
    """Where nothing else is asked for."""
    assert Encoding(crf=30).into('.WebM').named == (
        'libvpx-vp9')
    for kept, suffix in ((Encoding('av1'), '.webm'), (Encoding(), '.mkv'),
                         (Encoding(named='libvpx'), '.webm')):
        assert kept.into(suffix) is kept
    with pytest.raises(UserError, match='--preset fast: a .webm .*av1'):
        Encoding(preset='fast').into('.webm')


@pytest.mark.parametrize(('asked', 'says'), [
    (dict(crf=99), 'crf 99.*from 0 to 51 for h264 and hevc'),
    (dict(codec='av1', crf=64), 'from 0 to 63 for av1'),
    (dict(crf=-1), 'from 0 to 51'), (dict(crf='x'), 'crf x: expected a w'),
    (dict(codec='h264', preset='12'), 'ultrafast.*for h264'),
    (dict(codec='ffv1', preset='fast'), 'lossless'),
    (dict(codec='h263'), 'expected one of auto, h264')])
def test_what_an_encoder_would_refuse(asked, says):
    with pytest.raises(UserError, match=says):
        Encoding(**asked)


def test_what_it_takes():
    for asked in (dict(codec='ffv1'), dict(codec='av1', crf=63, preset='13'),
                  dict(crf=0)):
        Encoding(**asked)


def test_the_same_frames_give_the_same_file(tmp_path):
    """With all of x264's tools one of twelve was another."""
    path = tmp_path / 'a.mp4'
    clips = [pictures(10, (48, 96), seed) for seed in range(12)]
    info = read_info(write_video(tmp_path / 'b.mp4', clips[0]))
    step = int(1 / (25 * info.time_base))
    files = [set() for _ in clips]
    for _ in range(5):
        for clip, known in zip(clips, files, strict=True):
            encoder = VideoEncoder(path, info, Encoding())
            for index, image in enumerate(clip):
                encoder.write(TimedFrame(image, step * index, step))
            encoder.close()
            known.add(path.read_bytes())
    assert [len(known) for known in files] == [1] * len(clips)
