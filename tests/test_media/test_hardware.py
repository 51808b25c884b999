"""Decoding by hardware: tried, compared, and never another result.

There is no such hardware here: what it would do is done by stand-ins.
"""

from dataclasses import replace

import av
import numpy as np
import pytest

from mmderain.errors import DataError, UserError
from mmderain.media import hardware_trial
from mmderain.media.frame_source import ImageSource, VideoSource
from mmderain.media.hardware import Hardware, as_stored
from mmderain.media.hardware_trial import with_hardware
from mmderain.media.video_info import read_info
from tests.helpers.videos import pictures, write_video

CUDA = Hardware('cuda')


@pytest.fixture(scope='module')
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp('videos') / 'a.mp4'
    return VideoSource(write_video(path, pictures(20)))


@pytest.fixture
def replaced(monkeypatch):
    """Lets decoding by hardware be done by a function of the frames."""
    def replace_by(change):
        def opened(name, hwaccel=None, **settings):
            asked.append(hwaccel)
            return real(name, **settings)

        def frames_of(source, count):
            found = list(real_frames(replace(source, hardware=None), count))
            return change(found) if source.hardware else found

        monkeypatch.setattr(av, 'open', opened)
        monkeypatch.setattr(hardware_trial, '_first_frames', frames_of)
        return asked

    asked, real, real_frames = [], av.open, hardware_trial._first_frames
    return replace_by


@pytest.mark.parametrize(('text', 'found'), [
    ('cuda', Hardware('cuda')), ('cuda:1', Hardware('cuda', '1'))])
def test_names_are_ffmpegs(text, found):
    assert Hardware.parse(text) == found


def test_what_this_ffmpeg_was_not_built_with():
    with pytest.raises(UserError, match='--hwaccel voodoo: expected .*cuda.* '
                       'Leave --hwaccel out: the CPU decodes then'):
        Hardware.parse('voodoo')


@pytest.mark.parametrize('text', ['cuda:x', 'cuda:', ':1'])
def test_devices_that_are_none(text):
    with pytest.raises(UserError, match='--hwaccel'):
        Hardware.parse(text)


def test_hardware_that_is_not_there_leaves_it_to_the_cpu(source):
    chosen, note = with_hardware(source, CUDA)
    assert chosen == source
    assert note.startswith('--hwaccel cuda does not decode it here (')
    assert note.endswith('): the CPU does')


def test_equal_frames_are_decoded_by_it(source, replaced):
    asked = replaced(lambda frames: frames)
    chosen, note = with_hardware(source, CUDA)
    assert chosen == replace(source, hardware=CUDA)
    assert note == '--hwaccel cuda decodes, with the frames of the CPU'
    list(chosen.read())
    assert isinstance(asked[-1], av.codec.hwaccel.HWAccel)
    assert not asked[-1].allow_software_fallback


@pytest.mark.parametrize(('change', 'says'), [
    (lambda frames: [replace(frame, image=frame.image ^ 4)
                     for frame in frames], 'by up to 4 of 255'),
    (lambda frames: frames[1:], 'other frames'),
    (lambda frames: [replace(frame, pts=frame.pts + 1) for frame in frames],
     'at other times')])
def test_other_frames_leave_it_to_the_cpu(source, replaced, change, says):
    replaced(change)
    chosen, note = with_hardware(source, CUDA)
    assert chosen == source
    assert says in note and note.endswith(': the CPU decodes')


def test_images_have_none(tmp_path):
    source = ImageSource(tmp_path, (tmp_path / 'a.png', ))
    assert with_hardware(source, CUDA) == (source, None)


def test_hardware_that_is_gone_later_is_named(source):
    """After the trial, as another program takes its memory."""
    with pytest.raises(DataError, match='cannot be decoded by cuda.*Leave '
                       '--hwaccel out'):
        list(replace(source, hardware=CUDA).read())


@pytest.mark.parametrize(('planar', 'packed'), [
    ('yuv420p', 'nv12'), ('yuv420p10le', 'p010le')])
def test_what_hardware_hands_out_is_what_is_stored(source, planar, packed):
    """The same numbers in another order, and so the same RGB."""
    color = read_info(source.path).color
    rng = np.random.default_rng(0)
    frame = av.VideoFrame.from_ndarray(rng.integers(
        0, 256, (48, 64, 3), np.uint8), 'rgb24').reformat(format=planar)
    handed_out = frame.reformat(format=packed)
    assert handed_out.format.name == packed
    again = as_stored(handed_out)
    assert again.format.name == planar
    np.testing.assert_array_equal(again.to_ndarray(), frame.to_ndarray())
    np.testing.assert_array_equal(color.to_rgb(again), color.to_rgb(frame))
