"""Chroma stays where it was on its way to RGB and back."""

import av
import numpy as np
import pytest

from mmderain.media.chroma_location import forget_chroma_location
from mmderain.media.video_info import read_info
from tests.helpers.videos import pictures, write_video


def planes(frame):
    return [np.frombuffer(bytes(plane), np.uint8).reshape(
        plane.height, plane.line_size)[:, :plane.width].astype(float)
        for plane in frame.planes]


def moved(plane, shift):
    """Read so many pixels farther right."""
    columns = np.arange(plane.shape[1], dtype=float)
    return np.stack([np.interp(columns + shift, columns, row)
                     for row in plane])


@pytest.mark.parametrize(('codec', 'pixel_format'), [
    ('libx264', 'yuv420p'), ('libx264', 'yuv422p'), ('libx265', 'yuv420p'),
    ('libvpx-vp9', 'yuv420p')])
def test_chroma_does_not_move(tmp_path, codec, pixel_format):
    path = write_video(tmp_path / 'a.mkv', pictures(3, (48, 96)), codec,
                       pixel_format)
    color = read_info(path).color
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    again = planes(color.from_rgb(color.to_rgb(frame), pixel_format))
    for before, after in zip(planes(frame)[1:], again[1:], strict=True):
        errors = {shift: np.abs(moved(before, shift) - after)[:, 2:-2].mean()
                  for shift in (-0.25, -0.125, 0, 0.125, 0.25)}
        assert min(errors, key=errors.get) == 0, errors


def test_frames_without_chroma_of_their_own_pass_by():
    for kind in ('rgb24', 'gray', 'yuv444p'):
        frame = av.VideoFrame(16, 16, kind)
        assert forget_chroma_location(frame) is frame


def test_sizes_and_formats_may_change():
    for size, kind in ((16, 'yuv420p'), (32, 'yuv420p'), (32, 'nv12')):
        frame = forget_chroma_location(av.VideoFrame(size, 16, kind))
        assert (frame.width, frame.format.name) == (size, kind)
