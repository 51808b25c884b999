"""What is read of an archive on a disk."""

import os
from pathlib import Path

import pytest

from mmderain.jobs.anywhere import read_json


def test_a_pipe_in_the_place_of_a_record_is_not_waited_for(
        tmp_path, monkeypatch):
    record = tmp_path / 'x.mp4.done.json'
    os.mkfifo(record)
    monkeypatch.setattr(Path, 'read_text', lambda *_, **__: pytest.fail(
        'it was waited for'))
    assert read_json(record) is None
