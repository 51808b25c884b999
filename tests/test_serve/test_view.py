"""One video, or picture, of before, after and drops."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from mmderain.serve.view import drop_map, write_view
from tests.helpers.videos import decoded, times, write_video

PTS = [0, 3000, 9000]  # not at one rate


def plain(size, level):
    return np.full((*size, 3), level, np.uint8)


def tracks(folder, suffix='.mp4', size=(48, 64), with_drops=True, **settings):
    """A preview and a map as a job writes them, and the result's name."""
    before, after, drops = (plain(size, level) for level in (60, 120, 200))
    written = {'preview': np.hstack([before, after])}
    if with_drops:
        written['drops'] = drops
    for name, image in written.items():
        path = folder / f'clean.{name}{suffix}'
        if suffix == '.png':
            cv2.imwrite(str(path), image)
        else:
            write_video(path, [image] * len(PTS), pts=PTS, **settings)
    return folder / f'clean{suffix}'


def levels(image, panels):
    return [float(part.mean()) for part in np.split(image, panels, axis=1)]


@pytest.mark.parametrize(('with_drops', 'expected'), [
    (True, [60, 120, 200]), (False, [60, 120])])
def test_a_video_side_by_side(tmp_path, with_drops, expected):
    counted = []
    view = write_view(tracks(tmp_path, with_drops=with_drops),
                      counted.append)
    assert view == tmp_path / 'view.mp4'
    assert times(view) == [Fraction(pts, 90000) for pts in PTS]
    assert counted == [1, 1, 1]
    for frame in decoded(view):
        assert frame.shape == (48, 64 * len(expected), 3)
        assert levels(frame, len(expected)) == pytest.approx(expected, abs=2)


def test_every_browser_can_play_it(tmp_path):
    """Also of 10 bits of HEVC in odd sizes."""
    result = tracks(tmp_path, '.mkv', (49, 65), codec='libx265',
                    pixel_format='yuv444p10le',
                    options={'x265-params': 'log-level=error'})
    with av.open(str(write_view(result))) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.codec.canonical_name == 'h264'
        assert stream.codec_context.pix_fmt == 'yuv420p'
        assert (stream.width, stream.height) == (3 * 64, 48)


def test_a_picture_side_by_side(tmp_path):
    view = write_view(tracks(tmp_path, '.png'))
    assert view == tmp_path / 'view.png'
    assert levels(cv2.imread(str(view)), 3) == [60, 120, 200]


def test_large_frames_are_scaled_down(tmp_path):
    view = write_view(tracks(tmp_path, '.png', (1500, 2000)))
    assert cv2.imread(str(view)).shape == (960, 3 * 1280, 3)


def test_the_map_of_drops_is_found(tmp_path):
    result = tracks(tmp_path, '.png', with_drops=False)
    assert drop_map(result) is None
    (tmp_path / 'clean.drop_mask.png').touch()
    assert drop_map(result) == tmp_path / 'clean.drop_mask.png'
