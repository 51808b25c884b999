"""What options read."""

import argparse

import pytest

from mmderain.cli.option_types import whole


@pytest.mark.parametrize(('limits', 'text', 'says'), [
    ((0, ), '9' * 20, '18 digits at most, got one of 20'),
    ((0, 9), '9' * 20, 'from 0 to 9, got'), ((1, ), '0', 'from 1 on, got'),
    ((0, ), '-1', 'from 0 on'), ((0, ), '1.5', 'from 0 on')])
def test_what_is_no_whole_number_is_told(limits, text, says):
    with pytest.raises(argparse.ArgumentTypeError, match=says):
        whole(*limits)(text)


def test_a_whole_number_is_read():
    assert whole(0)('123456789012345678') == 123456789012345678
