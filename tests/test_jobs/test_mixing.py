"""Mixing input and result."""

import pytest

from mmderain.errors import UserError
from mmderain.jobs.mixing import Mixer


@pytest.mark.parametrize('strength, leave_below, said', [
    (float('nan'), 0, '--strength nan'), (1.1, 0, '--strength 1.1'),
    (-0.1, 0, '--strength -0.1'), (1, float('nan'), '--leave-below nan'),
    (1, float('inf'), '--leave-below inf'), (1, -1, '--leave-below -1')])
def test_numbers_that_cannot_be(strength, leave_below, said):
    with pytest.raises(UserError, match=said):
        Mixer(strength, leave_below, None, (4, 4))
