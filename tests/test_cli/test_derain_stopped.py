"""A polite kill stops `mmderain derain` where nothing is half done."""

import json
import os
import signal
import subprocess
import sys

import pytest

from mmderain.cli.derain import main
from mmderain.jobs.parts_folder import PartsFolder
from mmderain.jobs.segments import Mixer
from tests.helpers.processes import wait_for
from tests.helpers.videos import (
    pictures,
    times,
    write_video,
)
from tests.tiny import ROOT


def _kill_in(monkeypatch, owner, name, call):
    """Send SIGTERM to this process within a call of a method."""
    original, calls = getattr(owner, name), []

    def killed(self, *arguments):
        calls.append(name)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGTERM)
        return original(self, *arguments)

    monkeypatch.setattr(owner, name, killed)


@pytest.mark.parametrize(('owner', 'name', 'call', 'noted', 'unfinished'), [
    # while a finished segment is being noted: it is noted, no other begins
    (PartsFolder, 'add_segment', 1, ['0'], []),
    # while a frame is being made: it is written, the next one is not
    (Mixer, 'mix', 12, ['0'], [4])])
def test_a_kill_comes_between_two_frames(
        checkpoint, tmp_path, monkeypatch, capsys, owner, name, call, noted,
        unfinished):
    source = write_video(tmp_path / 'a.mp4', pictures(30))
    arguments = [str(source), str(tmp_path / 'b.mp4'), '--checkpoint',
                 str(checkpoint), '--device', 'cpu', '--segment-frames', '8']
    handler = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        _kill_in(patch, owner, name, call)
        assert main(arguments) == 130
    assert capsys.readouterr().err.splitlines()[-1].strip() == 'stopped'
    assert signal.getsignal(signal.SIGTERM) is handler
    parts = tmp_path / 'b.mp4.parts'
    assert sorted(json.loads(
        (parts / 'state.json').read_text())['segments']) == noted
    assert [len(times(path)) for path in
            (parts / 'output').glob('*.unfinished.mp4')] == unfinished
    assert main([*arguments, '--resume']) == 0
    assert times(tmp_path / 'b.mp4') == times(source)


def test_killed_and_resumed(checkpoint, tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(40))
    target = tmp_path / 'b.mp4'
    process = subprocess.Popen(
        [sys.executable, '-m', 'mmderain', 'derain', str(source), str(target),
         '--checkpoint', str(checkpoint), '--device', 'cpu',
         '--segment-frames', '5'],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        start_new_session=True, env={**os.environ, 'PYTHONPATH': str(ROOT)})
    try:
        folder = tmp_path / 'b.mp4.parts' / 'output'
        wait_for((folder / '00000.mp4').exists)
        process.terminate()
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, said
    assert said.splitlines()[-1].strip() == 'stopped'
    assert 'Traceback' not in said and 'error' not in said
    for path in folder.glob('*.mp4'):
        assert 0 < len(times(path)) <= 5
    assert not target.exists()
    assert main([str(source), str(target), '--checkpoint', str(checkpoint),
                 '--segment-frames', '5', '--resume']) == 0
    assert times(target) == times(source)


@pytest.mark.parametrize('address', [
    'https://example.org/weights/e.pth?download=1', 's3://bucket/e.pth'])
def test_a_checkpoint_is_a_file_here(tmp_path, capsys, address):
    assert main([str(tmp_path / 'a.mp4'), str(tmp_path / 'b.mp4'),
                 '--checkpoint', address]) == 2
    said = capsys.readouterr().err
    assert f'{address}: expected a file on this machine' in said
    assert 'Download it first' in said and 'e.pth' in said
