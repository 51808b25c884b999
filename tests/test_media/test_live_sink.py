"""Where live pictures are sent: taken as a whole, or said not to be."""

import socket
import threading
import time
from contextlib import suppress

import av
import pytest

from mmderain.errors import UserError
from mmderain.jobs.live_job import LiveJob, LiveOptions
from mmderain.media.encoding import Encoding
from mmderain.media.live_address import LiveAddress
from mmderain.media.live_input import LiveInput
from mmderain.media.live_output import LiveOutput
from tests.helpers.live import Noted, Unchanged, taken, write_live
from tests.helpers.videos import marks, packets, times


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    return write_live(tmp_path_factory.mktemp('live') / 'a.ts', 20)


def send(clip, address, **settings):
    output = LiveOutput(LiveAddress.parse(address), Encoding(), **settings)
    return LiveJob(Unchanged(), LiveInput(clip), output, LiveOptions(),
                   Noted([])).run()


@pytest.mark.parametrize('container', [None, 'matroska'])
def test_an_http_server_gets_all_of_it(clip, tmp_path, container):
    with taken() as (address, came):
        report = send(clip, address, container=container)
    assert report.derained.frames == 20
    path = tmp_path / 'b'
    path.write_bytes(came)
    assert marks(path) == marks(clip)
    assert [round(float(stamp), 3) for stamp in times(path)] == [
        round(float(stamp), 3) for stamp in times(clip)]
    assert len(packets(path)['audio']) == len(packets(clip)['audio'])


def test_a_server_that_refuses_in_the_end(clip):
    with (taken(answer=403) as (address, _),
          pytest.raises(UserError, match='the server answers 403')):
        send(clip, address)


def test_a_server_that_sends_elsewhere_has_taken_nothing(clip):
    with (taken(answer=302) as (address, _),
          pytest.raises(UserError, match='the server answers 302')):
        send(clip, address)


@pytest.mark.parametrize('address', [
    'http://127.0.0.1:99999/a', 'http://127.0.0.1:x/a', 'http://[::1/a',
    'http://me@:1/a',
    f'http://{"a" * 99}.x/'])
def test_an_address_that_is_none(clip, address):
    with pytest.raises(UserError, match='nothing takes the pictures at'):
        send(clip, address)


def test_letters_of_all_kinds_in_an_address(clip):
    with taken() as (address, came):
        send(clip, address + '/\xfc?name=\xe9%20b&c=d')
    assert came


@pytest.mark.parametrize('scheme', ['http', 'rtsp', 'rtmp'])
def test_nobody_is_there(clip, scheme):
    with pytest.raises(UserError, match='nothing takes the pictures at '
                       f'{scheme}://127.0.0.1:1/a .connection refused'):
        send(clip, f'{scheme}://127.0.0.1:1/a')


def test_an_rtmp_server_gets_all_of_it(clip):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        address = f'rtmp://127.0.0.1:{free.getsockname()[1]}/live/a'
    came = []

    def receive():
        # the end of a connection is an error here
        with suppress(av.error.OSError), av.open(
                address, format='flv', options={'listen': '1'},
                timeout=60) as server:
            for packet in server.demux(video=0):
                came.append(packet.size)

    thread = threading.Thread(target=receive)
    thread.start()
    time.sleep(1)
    send(clip, address, timeout=30)
    thread.join(60)
    with av.open(str(clip)) as source:
        assert sum(map(bool, came)) == sum(
            packet.size > 0 for packet in source.demux(video=0)) > 0


@pytest.mark.parametrize('scheme', ['http', 'rtsp', 'rtmp'])
def test_a_server_that_says_nothing_is_given_up(clip, scheme):
    with socket.socket() as server:
        server.bind(('127.0.0.1', 0))
        server.listen()
        began = time.monotonic()
        with pytest.raises(UserError, match='nothing takes the pictures'):
            send(clip, f'{scheme}://127.0.0.1:{server.getsockname()[1]}/a',
                 timeout=0.5)
        assert time.monotonic() - began < 10


def test_a_server_that_says_nothing_does_not_keep_who_wants_to_stop(
        clip, monkeypatch):
    monkeypatch.setattr('mmderain.media.patient_pipe.stop_is_asked',
                        lambda: True)
    with socket.socket() as server:
        server.bind(('127.0.0.1', 0))
        server.listen()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            send(clip, f'rtmp://127.0.0.1:{server.getsockname()[1]}/a',
                 timeout=60)
        assert time.monotonic() - began < 20
