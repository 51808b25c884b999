"""A pipe whose reader stalls."""

import os
import signal
import threading
import time

import pytest

from mmderain.media import patient_pipe
from mmderain.media.patient_pipe import PatientPipe
from mmderain.processes import StopSignal


@pytest.fixture
def pipe():
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_all_of_it_comes(pipe):
    content, came = os.urandom(300_001), []

    def read():
        while sum(map(len, came)) < len(content):
            came.append(os.read(pipe[0], 7777))

    reader = threading.Thread(target=read)
    reader.start()
    assert PatientPipe(pipe[1]).write(content) == len(content)
    reader.join()
    assert b''.join(came) == content


def test_who_takes_nothing_is_given_up(pipe):
    sink = PatientPipe(pipe[1], 0.2)
    with pytest.raises(TimeoutError):
        sink.write(bytes(1 << 20))
    sink._looks = None  # it does not look again whether somebody reads
    with pytest.raises(TimeoutError):  # what a container ends with
        sink.write(b'a')


def test_who_reads_may_pause_until_somebody_wants_to_stop(pipe, monkeypatch):
    monkeypatch.setattr(patient_pipe, '_GRACE', 0.3)
    timer = threading.Timer(1, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    began = time.monotonic()
    with StopSignal(signal.SIGTERM), pytest.raises(InterruptedError):
        PatientPipe(pipe[1]).write(bytes(1 << 20))
    assert time.monotonic() - began > 0.9


def test_nobody_reads(pipe):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        with pytest.raises(BrokenPipeError):
            PatientPipe(writer).write(b'a')
    finally:
        os.close(writer)
