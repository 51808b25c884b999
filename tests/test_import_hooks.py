"""What belongs around an import is there, whoever imports, and when."""

import importlib
import inspect
import sys
from contextlib import contextmanager

import pytest

from mmderain.import_hooks import after, around_imports, before


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The name of a module that says in `order` when it runs."""
    (tmp_path / 'hooked_module.py').write_text(
        'import sys\nsys.hooked_order.append("module")\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, 'meta_path', list(sys.meta_path))
    yield 'hooked_module'
    sys.modules.pop('hooked_module', None)


@pytest.fixture
def order(monkeypatch):
    """What was done, in its order."""
    monkeypatch.setattr(sys, 'hooked_order', [], raising=False)
    return sys.hooked_order


def test_before_and_after(module, order):
    around_imports({module: before(lambda: order.append('before'))})
    around_imports({module: after(lambda: order.append('after'))})
    assert order == []
    found = importlib.import_module(module)
    assert order == ['before', 'module', 'after']
    # and the module is like any other
    assert 'hooked_order' in inspect.getsource(found)
    assert type(found.__loader__) is type(inspect.__loader__)
    assert found.__spec__.loader is found.__loader__


def test_a_module_that_is_there(module, order):
    importlib.import_module(module)
    around_imports({module: after(lambda: order.append('after'))})
    assert order == ['module', 'after']


def test_a_module_that_is_forbidden(module, order, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    around_imports({module: before(lambda: order.append('before'))})
    assert order == []


def test_a_module_that_is_loaded_again(module, order):
    around_imports({module: after(lambda: order.append('after'))})
    found = importlib.import_module(module)
    importlib.reload(found)
    del sys.modules[module]
    importlib.import_module(module)
    assert order == ['module', 'after'] * 3


def test_no_module_without_what_belongs_around_it(module, order):
    def fail():
        raise RuntimeError('cannot be')

    around_imports({module: after(fail)})
    for _ in range(2):
        with pytest.raises(RuntimeError, match='cannot be'):
            importlib.import_module(module)
        assert module not in sys.modules


def test_an_import_that_fails_leaves_the_context(module, order, tmp_path):
    @contextmanager
    def around():
        try:
            yield
        finally:
            order.append('left')

    (tmp_path / f'{module}.py').write_text('import nothing_of_that_name')
    around_imports({module: around})
    with pytest.raises(ModuleNotFoundError, match='nothing_of_that_name'):
        importlib.import_module(module)
    assert order == ['left']


def test_a_module_that_is_not_installed():
    assert importlib.util.find_spec('mmderain') is not None
    before_these = list(sys.meta_path)
    try:
        around_imports({'nothing_of_that_name': before(lambda: None)})
        assert importlib.util.find_spec('nothing_of_that_name') is None
        with pytest.raises(ModuleNotFoundError, match='nothing_of_that_name'):
            importlib.import_module('nothing_of_that_name')
    finally:
        sys.meta_path[:] = before_these
