"""A folder of its own for every bad input."""

from collections.abc import Callable

import pytest

from tests.reliability.bad_input import BadInput, check
from tests.reliability.page import PAGE


@pytest.fixture(scope='session')
def good(tmp_path_factory):
    """Where the good files are made, once."""
    return tmp_path_factory.mktemp('good')


@pytest.fixture
def answers_well(good, tmp_path, monkeypatch) -> Callable[[BadInput], None]:
    """Checks how the program answers a bad input."""
    monkeypatch.chdir(tmp_path)
    # as wide as on the page, wherever the test runs
    monkeypatch.setenv('COLUMNS', '80')

    def run(case: BadInput) -> None:
        check(case, good, tmp_path, PAGE.read_text(encoding='utf-8'))
    return run
