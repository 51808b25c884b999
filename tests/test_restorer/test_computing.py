"""What computes, where devices decide with."""

import pytest

from mmderain.backends import precision
from mmderain.restorer import Restorer


@pytest.mark.parametrize(('asked', 'has_it', 'dtype'), [
    ('auto', True, 'bfloat16'), ('auto', False, 'float32'),
    ('float32', True, 'float32')])
def test_several_gpus_compute_as_one_does(monkeypatch, asked, has_it, dtype):
    """Whatever the processor does, on which the joining process loads."""
    monkeypatch.setattr(precision, 'has_bfloat16',
                        lambda device: has_it and device.type == 'cuda')
    computing = Restorer(device='cpu', dtype=asked).computing
    assert computing.way['dtype'] == 'float32'
    assert computing.chosen_way(['cuda:0', 'cuda:1']) == dict(
        backend='torch', dtype=dtype)
    assert computing.chosen_way(['cpu', 'cpu'])['dtype'] == 'float32'


def test_what_was_trained_in_float32_stays_in_it_on_gpus(monkeypatch):
    monkeypatch.setattr(precision, 'has_bfloat16', lambda device: True)
    computing = Restorer(model_name='lens_drops', device='cpu').computing
    assert computing.chosen_way(['cuda:0'])['dtype'] == 'float32'
