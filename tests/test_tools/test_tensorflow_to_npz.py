"""Variables of TensorFlow, by a stand-in for it."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from tests.helpers.scripts import status_of

VARIABLES = {'a/b': np.ones((2, 3), np.float32), 'c': np.zeros(4)}


@pytest.fixture(autouse=True)
def tensorflow(monkeypatch):
    """Reads the same of every checkpoint."""
    train = ModuleType('tensorflow.train')
    train.load_checkpoint = lambda path: SimpleNamespace(
        get_variable_to_shape_map=lambda: {
            name: value.shape for name, value in VARIABLES.items()},
        get_tensor=VARIABLES.get)
    monkeypatch.setitem(sys.modules, 'tensorflow', ModuleType('tensorflow'))
    monkeypatch.setitem(sys.modules, 'tensorflow.train', train)


@pytest.mark.parametrize('name', ['a.npz', 'a'])
def test_all_variables_are_written(tmp_path, name):
    assert not status_of('tensorflow_to_npz', ['m', str(tmp_path / name)])
    with np.load(tmp_path / 'a.npz') as found:
        assert {*found} == {*VARIABLES}
        for key, value in VARIABLES.items():
            np.testing.assert_array_equal(found[key], value)


@pytest.mark.parametrize('name', ['a.npz', 'a'])
def test_what_is_there_stays(tmp_path, capsys, name):
    (tmp_path / 'a.npz').write_text('precious')
    assert status_of('tensorflow_to_npz', ['m', str(tmp_path / name)]) == 2
    assert 'a.npz is there already' in capsys.readouterr().err
    assert (tmp_path / 'a.npz').read_text() == 'precious'
