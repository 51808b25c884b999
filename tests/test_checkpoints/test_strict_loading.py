"""A checkpoint fits or is refused; what is left out is listed."""

import pytest
import torch
from torch import nn

from mmderain.checkpoints.strict_loading import (
    MismatchedCheckpointError,
    compare,
    load_strictly,
)


def weights(**changes):
    state = {'weight': torch.ones(2, 3), 'bias': torch.ones(2)}
    state.update(changes)
    return {name: value for name, value in state.items() if value is not None}


@pytest.mark.parametrize(('changes', 'said'), [
    (dict(bias=None), 'missing (1): bias'),
    (dict(extra=torch.ones(1)), 'unexpected (1): extra'),
    (dict(bias=torch.ones(5)), 'bias (5,) instead of (2,)')])
def test_each_kind_of_mismatch_is_refused_and_nothing_is_loaded(
        changes, said):
    model = nn.Linear(3, 2)
    before = model.weight.clone()
    with pytest.raises(MismatchedCheckpointError) as error:
        load_strictly(model, weights(**changes), 'file.pth')
    assert said in str(error.value)
    assert 'file.pth' in str(error.value)
    assert torch.equal(model.weight, before)


def test_what_fits_is_loaded_on_request_and_the_rest_listed():
    model = nn.Linear(3, 2)
    left = load_strictly(
        model, weights(bias=torch.ones(5), extra=torch.ones(1)), 'file.pth',
        allow_partial=True)
    assert torch.equal(model.weight, torch.ones(2, 3))
    assert left.unexpected == ['extra']
    assert left.misshapen == {'bias': ((5,), (2,))}


def test_nothing_that_fits_is_refused_also_on_request():
    with pytest.raises(MismatchedCheckpointError):
        load_strictly(nn.Linear(3, 2), {'other': torch.ones(1)}, 'file.pth',
                      allow_partial=True)


def test_an_exact_fit_has_no_mismatch():
    model = nn.Linear(3, 2)
    assert not compare(model, model.state_dict())
    assert not load_strictly(model, weights(), 'file.pth')


def test_long_lists_are_shortened():
    model = nn.Sequential(*[nn.Linear(1, 1) for _ in range(20)])
    text = str(compare(model, {}))
    assert 'missing (40)' in text
    assert 'and 32 more' in text
