"""Arguments."""

import pytest

from tests.reliability.bad_input import BadInput

CASES = [
    BadInput('no output', 'derain clip.mp4', 'expected INPUT OUTPUT'),
    BadInput('a command that is not there', 'derian clip.mp4 out.mp4',
             'it has train'),
    BadInput('a device that is not one', 'derain clip.mp4 out.mp4 --device '
             'gpu', 'cuda'),
    BadInput('a number that is none', 'derain clip.mp4 out.mp4 --strength '
             'nan', '--strength'),
    BadInput('a part of a list without a list',
             'derain clip.mp4 out.mp4 --shard 2/2', 'from 0 to N-1'),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
