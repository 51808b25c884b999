"""Servers whose jobs are quick."""

import pytest

from mmderain.serve.limits import Limits


@pytest.fixture
def folder(tmp_path_factory):
    """Of the files of visitors."""
    return tmp_path_factory.mktemp('served')


@pytest.fixture
def said():
    """What whoever runs the server is told."""
    return []


@pytest.fixture
def serving(folder, said):
    """Starts a server; returns who visits it. ``serving.stop()`` ends all."""
    pytest.importorskip('starlette', reason='the extra [serve] is missing')
    pytest.importorskip('uvicorn', reason='the extra [serve] is missing')
    from tests.helpers.served_page import served_page

    running = []

    def start(at_once=1, **limits):
        running.append(served_page(folder, said, Limits(**limits), at_once))
        return running[-1].__enter__()

    def stop():
        while running:
            running.pop().__exit__(None, None, None)

    start.stop = stop
    yield start
    stop()
    assert not any(folder.iterdir())  # at its end nothing is left
