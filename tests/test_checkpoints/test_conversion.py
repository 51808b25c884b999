"""The machinery of conversions; each method's rules have tests of theirs."""

import pytest

from mmderain.checkpoints import (
    ConversionError,
    convert_file,
    convert_state_dict,
)
from mmderain.checkpoints.rules import Conversion, Rule
from mmderain.errors import UserError


def test_unknown_method():
    with pytest.raises(UserError, match="no method 'nothing'"):
        convert_state_dict('nothing', {})


def test_a_shared_parameter_has_to_be_one():
    conversion = Conversion(rules=(
        Rule(r'conv(\d)', (r'step0/conv\1', r'step1/conv\1')), ))
    sources, _ = conversion.sources('conv3.weight')
    assert sources == ['step0/conv3.weight', 'step1/conv3.weight']
    assert conversion.sources('other')[0] == ['other']


def test_of_the_papers_network_there_is_nothing_to_convert(tmp_path):
    with pytest.raises(ConversionError, match='no official checkpoint of '
                       'j4rnet to convert'):
        convert_file('j4rnet', tmp_path / 'any', tmp_path / 'out.pth')
