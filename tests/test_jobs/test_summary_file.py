"""Runs do not lose each other's summaries."""

import json
import os
from pathlib import Path

import pytest

from mmderain.errors import UserError
from mmderain.jobs.summary_file import SummaryFile

RUN = dict(done=0, done_before=0, failed=0, failures=[], videos=[])


def read(path):
    return json.loads(path.read_text())


def test_it_replaces_that_of_an_earlier_run(tmp_path):
    path = tmp_path / 'new' / 's.json'
    for done in (1, 2):
        summary = SummaryFile(path, [].append)
        summary.write(RUN)
        summary.write(dict(RUN, done=done))
    assert read(path).items() >= dict(RUN, done=2, shard=[0, 1]).items()
    assert list(path.parent.iterdir()) == [path]


def test_two_runs_at_once_have_one_each(tmp_path):
    path = tmp_path / 's.json'
    said = []
    first, second = (SummaryFile(path, said.append) for _ in range(2))
    first.write(RUN)
    second.write(RUN)
    for done in (1, 2):
        first.write(dict(RUN, done=done))
        second.write(dict(RUN, done=10 * done))
    found = {item.name: read(item)['done'] for item in tmp_path.iterdir()}
    assert found == {'s.json': 2, 's-2.json': 20}
    assert len(said) == 1
    assert 'another run, which is at work' in said[0] and 's-2' in said[0]


def test_shards_have_one_each(tmp_path):
    said = []
    for number in range(3):
        SummaryFile(tmp_path / 's.json', said.append, (number, 3)).write(
            dict(RUN, done=number))
    found = sorted((item.name, read(item)['shard'][0])
                   for item in tmp_path.iterdir())
    assert found == [('s-2.json', 1), ('s-3.json', 2), ('s.json', 0)]
    assert ['another shard' in text for text in said] == [True, True]


@pytest.mark.parametrize('content', [b'', b'\0\xff', b'[]', b'{"done": 1}'])
def test_something_else_stays(tmp_path, content):
    path = tmp_path / 's.json'
    path.write_bytes(content)
    with pytest.raises(UserError, match='s.json: expected a new file'):
        SummaryFile(path, [].append)
    assert path.read_bytes() == content


def test_one_that_was_removed_is_written_again(tmp_path):
    path = tmp_path / 's.json'
    summary = SummaryFile(path, [].append)
    summary.write(RUN)
    path.unlink()
    summary.write(RUN)
    assert read(path)['shard'] == [0, 1]


def test_a_pipe_is_not_waited_for(tmp_path, monkeypatch):
    path = tmp_path / 's.json'
    os.mkfifo(path)
    monkeypatch.setattr(Path, 'read_text', lambda *_, **__: pytest.fail(
        'it was waited for'))
    with pytest.raises(UserError, match='s.json: expected a new file'):
        SummaryFile(path, [].append)
    assert path.is_fifo()
