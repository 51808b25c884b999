"""Videos whose frames are woven of two fields."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.helpers.videos import pictures
from tests.reliability.bad_input import BadInput


def write_interlaced(folder: Path) -> None:
    """A video whose stream says that it is interlaced."""
    with av.open(str(folder / 'fields.mkv'), 'w') as container:
        video = container.add_stream('libx264', rate=25,
                                     options={'x264-params': 'tff=1'})
        video.height, video.width = 64, 64
        for index, image in enumerate(pictures(3, (64, 64))):
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode())


CASES = [
    BadInput('an interlaced video', 'derain fields.mkv out.mp4',
             'De-interlace it first: ffmpeg', write_interlaced, status=3),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
