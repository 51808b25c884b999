"""Files of somebody else's weights, and what is said without them."""

import pytest
import torch

from mmderain.checkpoints.pretrained import PretrainedFile
from mmderain.errors import CheckpointError

FILE = PretrainedFile('AnyNet', 'any.pth', 'Do without it.')


def test_what_fits_is_taken():
    given = dict(a=torch.ones(2), b=torch.zeros(3), other=torch.ones(1))
    assert FILE.load(lambda: given) is given
    assert FILE.load(lambda: [given]) == {}
    wanted = dict(a=torch.empty(2, device='meta'))
    assert FILE.fitting(given, wanted) == dict(a=given['a'])


@pytest.mark.parametrize('error', [
    OSError('no route'), RuntimeError('no route'),
    CheckpointError('no route')])
def test_a_file_that_cannot_be_had(error):
    def read():
        raise error

    with pytest.raises(CheckpointError, match='(?s)AnyNet cannot be loaded '
                       'from any.pth: no route.*Do without it'):
        FILE.load(read)


@pytest.mark.parametrize('given', [
    {}, dict(a=torch.ones(2)), dict(a=torch.ones(2), b='text')])
def test_weights_that_do_not_fit_are_named(given):
    wanted = dict(a=torch.ones(2), b=torch.ones(3))
    with pytest.raises(CheckpointError, match=r'(?s)any.pth does not hold .*'
                       r'AnyNet.* \(\d of 2\).*Do without it') as caught:
        FILE.fitting(given, wanted)
    assert 'b (' in str(caught.value)
