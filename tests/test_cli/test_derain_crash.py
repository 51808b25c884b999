"""An encoder that crashes costs a segment, not a run."""

from dataclasses import replace

import numpy as np
import pytest

from mmderain.media.encoder_process import EncoderProcess
from mmderain.media.encoding import Encoding
from mmderain.media.frame_source import info_of_images
from mmderain.media.video_color import VideoColor
from mmderain.media.video_info import TimedFrame
from mmderain.media.video_sink import VideoSink
from tests.helpers.videos import decoded, pictures, times, write_video

HEVC = ['--codec', 'hevc', '--segment-frames', '5']


@pytest.fixture
def deaths(monkeypatch):
    """How many times the encoder will die in the middle of a segment."""
    left = [0]
    original = EncoderProcess.write

    def write(self, frame):
        if left[0] and frame.pts and self.path.name.startswith('00001'):
            left[0] -= 1
            self._process.kill()
            self._process.wait()
        original(self, frame)

    monkeypatch.setattr(EncoderProcess, 'write', write)
    return left


def test_a_segment_is_made_again(derain, tmp_path, deaths):
    source = write_video(tmp_path / 'a.mp4', pictures(12, (32, 40)))
    assert derain(source, tmp_path / 'whole.mp4', *HEVC)[0] == 0
    deaths[0] = 1
    status, said = derain(source, tmp_path / 'b.mp4', *HEVC)
    assert status == 0 and deaths == [0]
    assert 'segment 1 is made again, once' in said
    assert 'the encoder libx265 was ended by SIGKILL' in said
    bars = [line for line in said.split('\r') if 'frame/s' in line]
    assert '12/12' in bars[-1]
    assert times(tmp_path / 'b.mp4') == times(source)
    for ours, theirs in zip(decoded(tmp_path / 'b.mp4'),
                            decoded(tmp_path / 'whole.mp4'), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_one_that_dies_again_is_told(derain, tmp_path, deaths):
    source = write_video(tmp_path / 'a.mp4', pictures(12, (32, 40)))
    deaths[0] = 2
    status, said = derain(source, tmp_path / 'b.mp4', *HEVC)
    assert status == 2 and '--resume' in said and 'SIGKILL' in said
    assert 'Traceback' not in said
    assert derain(source, tmp_path / 'b.mp4', *HEVC, '--resume')[0] == 0
    assert times(tmp_path / 'b.mp4') == times(source)


def test_errors_of_the_process_are_told(tmp_path):
    info = info_of_images((8, 200), 3)
    encoder = EncoderProcess(tmp_path / 'a.mp4', info, Encoding('hevc'))
    with pytest.raises(Exception, match='libx265 refuses --codec hevc'):
        encoder.close()


@pytest.mark.slow
def test_hundreds_of_videos_of_8_and_10_bits(tmp_path):
    rng = np.random.default_rng(0)
    color = VideoColor(9, 1, 9, 16, 64)
    for number in range(150):
        info = replace(info_of_images((64, 96), 30), pixel_format=(
            'yuv420p10le' if rng.random() < 0.5 else 'yuv420p'))
        if rng.random() < 0.5:
            info = replace(info, color=color)
        sink = VideoSink(tmp_path, tmp_path / 'a.mp4', info, Encoding('hevc'))
        sink.begin(number)
        for index in range(int(rng.integers(1, 25))):
            sink.write(TimedFrame(rng.integers(
                0, 255, (64, 96, 3), np.uint8), index, 1, index), '')
        sink.end(number)


def test_narrow_frames_do_not_ruin_the_encoders_memory(tmp_path):
    """One of four processes died of it before."""
    info = info_of_images((32, 40), 3)
    image = np.zeros((32, 40, 3), np.uint8)
    image[:] = (6 * np.arange(40))[:, None]
    for number in range(16):
        path = tmp_path / f'{number}.mp4'
        encoder = EncoderProcess(path, info, Encoding('hevc'))
        for index in range(3):
            encoder.write(TimedFrame(image, index, 1, index))
        encoder.close()
        assert len(times(path)) == 3


def test_frames_that_are_views_of_others_come_through(tmp_path):
    """Such as those that are kept as they came, of odd or turned frames."""
    info = info_of_images((32, 40), 3)
    image = np.moveaxis(pictures(1, (40, 32))[0], 0, 1)
    assert not image.flags.c_contiguous
    made = []
    for name, frame in (('view', image), ('copy', image.copy())):
        made.append(tmp_path / f'{name}.mp4')
        encoder = EncoderProcess(made[-1], info, Encoding('hevc'))
        for index in range(3):
            encoder.write(TimedFrame(frame, index, 1, index))
        encoder.close()
    for ours, theirs in zip(*map(decoded, made), strict=True):
        np.testing.assert_array_equal(ours, theirs)
