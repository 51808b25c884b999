"""Videos that cannot be encoded, stored or read as they are."""

import pytest

from tests.helpers.videos import pictures, write_video
from tests.reliability.bad_input import BadInput


def _flat(folder):
    write_video(folder / 'flat.mkv', pictures(2, (8, 200)), 'ffv1')


CASES = [
    BadInput('a codec that the container cannot hold',
             'derain clip.mp4 out.mov --codec ffv1', '.mkv'),
    BadInput('a codec that FFmpeg puts into no .mov',
             'derain clip.mp4 out.mov --codec av1', '.mkv'),
    BadInput('frames too small for a codec',
             'derain flat.mkv out.mp4 --codec hevc', 'Choose another --codec',
             _flat),
    BadInput('a preset that the encoder does not have',
             'derain clip.mp4 out.mp4 --preset quick', '--preset quick'),
    BadInput('a quality beyond the scale',
             'derain clip.mp4 out.mp4 --codec hevc --crf 99', '--crf 99'),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
