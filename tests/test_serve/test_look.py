"""Uploads are looked at before any work."""

import cv2
import numpy as np
import pytest

from mmderain.errors import DataError
from mmderain.serve.limits import Limits
from mmderain.serve.look import look
from tests.helpers.videos import pictures, write_video


@pytest.fixture
def video(tmp_path):
    return write_video(tmp_path / 'rainy.mp4', pictures(30))  # a second


def write_picture(path, size):
    cv2.imwrite(str(path), np.zeros((*size, 3), np.uint8))
    return path


def test_what_fits_is_taken(video, tmp_path):
    look(video, Limits(seconds=1, size=(64, 48)))
    look(write_picture(tmp_path / 'a.png', (48, 64)), Limits(size=(64, 48)))


def test_a_long_video_is_refused(tmp_path):
    video = write_video(tmp_path / 'rainy.mkv', pictures(40))
    with pytest.raises(DataError, match='1 s at most, got 1.3'):
        look(video, Limits(seconds=1))


def test_a_large_frame_is_refused_before_it_is_decoded(video, monkeypatch):
    monkeypatch.setattr('mmderain.serve.look.open_source', None)
    with pytest.raises(DataError, match='got 64x48'):
        look(video, Limits(size=(60, 48)))


def test_a_large_picture_is_refused(tmp_path, monkeypatch):
    path = write_picture(tmp_path / 'a.png', (48, 64))
    with pytest.raises(DataError, match='got 64x48'):
        look(path, Limits(size=(60, 48)))


def test_a_picture_that_opencv_refuses_is_too_large(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise cv2.error('too many pixels')

    path = write_picture(tmp_path / 'a.png', (48, 64))
    monkeypatch.setattr(cv2, 'imdecode', refuse)
    with pytest.raises(DataError, match='as 60x48 has at most, got more'):
        look(path, Limits(size=(60, 48)))


@pytest.mark.parametrize('name', ['a.mp4', 'a.png', 'a.gif'])
def test_what_is_neither_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b'#EXTM3U\nfile:///etc/passwd\n')
    with pytest.raises(DataError, match='expected a'):
        look(path, Limits())
