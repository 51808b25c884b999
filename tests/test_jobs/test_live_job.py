"""Live pictures from a server on this machine, and what may befall them."""

import os
import signal
import threading
import time
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import av
import numpy as np
import pytest

from mmderain.errors import DataError, UserError
from mmderain.folder_lock import alone_with
from mmderain.jobs.live_job import LiveJob, LiveOptions
from mmderain.media import live_input, live_source
from mmderain.media.clip_part import Moment
from mmderain.media.encoding import Encoding
from mmderain.media.live_address import LiveAddress
from mmderain.media.live_input import LiveInput
from mmderain.media.live_output import LiveOutput
from tests.helpers.live import RATE, Noted, Unchanged, served, write_live
from tests.helpers.processes import wait_for
from tests.helpers.videos import decoded, marks, packets, times

FRAMES = 40


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    return write_live(tmp_path_factory.mktemp('live') / 'a.ts', FRAMES)


@pytest.fixture
def derain(tmp_path):
    """Runs a job; returns its report, and notes what it says."""
    said = []

    def run(source, name='b.mkv', restorer=None, options=None, **settings):
        origin = LiveAddress.parse(str(source)) or source
        output = LiveOutput(tmp_path / name, Encoding(crf=0))
        return LiveJob(restorer or Unchanged(),
                       LiveInput(origin, **{'timeout': 10, **settings}),
                       output, options or LiveOptions(), Noted(said)).run()

    run.said = said
    return run


def test_all_of_a_stream_comes_in_time_with_its_sound(derain, clip, tmp_path):
    with served(clip.read_bytes(), pause=0.02) as address:
        report = derain(address, restorer=Unchanged(4))
    output = tmp_path / 'b.mkv'
    assert report.derained.frames == FRAMES and report.dropped == 0
    assert 'delay 4 frames (0.13 s)' in str(report)
    assert any('4 frames (0.13 s) at 30 frames/s' in text
               for text in derain.said)
    assert marks(output) == marks(clip)
    # Matroska counts milliseconds
    np.testing.assert_allclose(
        np.array(times(output), float), np.array(times(clip), float),
        atol=0.001)
    ours, theirs = (packets(path)['audio'] for path in (output, clip))
    np.testing.assert_allclose(*(
        [float(item[0]) for item in sound] for sound in (ours, theirs)),
        atol=0.001)
    assert [item for path in (output, clip) for item in sounds(path)[:1]] == [
        sounds(clip)[0]] * 2
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(('length', 'frames'), [
    (Moment(seconds=Fraction(1, 2)), 15), (Moment(frame=9), 9),
    (Moment(seconds=Fraction(900)), FRAMES)])
def test_a_length_ends_it_as_its_source_would(derain, clip, tmp_path, length,
                                              frames):
    options = LiveOptions(duration=length)
    with served(clip.read_bytes(), then='silence' if frames < FRAMES
                else 'end') as address:
        report = derain(address, restorer=Unchanged(4), options=options)
    assert report.derained.frames == frames and not report.is_stopped
    output = tmp_path / 'b.mkv'
    assert marks(output) == marks(clip)[:frames]
    # sound ends with the pictures
    heard = [float(item[0]) for item in packets(output)['audio']]
    assert frames / RATE - 0.2 < max(heard) < frames / RATE + 0.1
    assert list(tmp_path.iterdir()) == [output]


def test_sound_is_left_out(derain, clip, tmp_path):
    with served(clip.read_bytes()) as address:
        derain(address, options=LiveOptions(leave_out_sound=True))
    assert not packets(tmp_path / 'b.mkv').get('audio')


def sounds(path):
    """What is heard."""
    with av.open(str(path)) as container:
        return [bytes(frame.planes[0])
                for frame in container.decode(audio=0)]


@pytest.mark.parametrize('name', ['b.mp4', 'b.mov', 'b.m4v', 'b.ts'])
def test_other_files(derain, clip, tmp_path, name):
    report = derain(clip, name)
    assert report.derained.frames == FRAMES
    assert marks(tmp_path / name) == marks(clip)
    assert len(sounds(tmp_path / name)) == len(sounds(clip))


def test_the_folder_of_a_file_is_made(derain, clip, tmp_path):
    """As of a video that is no live one."""
    derain(clip, 'new/folder/b.mkv')
    assert marks(tmp_path / 'new' / 'folder' / 'b.mkv') == marks(clip)


def test_a_machine_that_is_too_slow_drops_and_counts(
        derain, clip, tmp_path, monkeypatch):
    monkeypatch.setattr(live_source, '_HELD_SECONDS', 0.1)
    with served(clip.read_bytes()) as address:
        report = derain(address, restorer=Unchanged(seconds=0.05))
    assert report.dropped > 0
    assert report.derained.frames + report.dropped == FRAMES
    assert f'{report.dropped} frames dropped' in str(report)
    assert sum('too slow' in text for text in derain.said) == 1
    stamps = times(tmp_path / 'b.mkv')
    assert all(one < other for one, other in pairwise(stamps))


def test_a_file_is_never_dropped(derain, clip, monkeypatch):
    monkeypatch.setattr(live_source, '_HELD_SECONDS', 0.1)
    report = derain(clip, restorer=Unchanged(seconds=0.01))
    assert report.derained.frames == FRAMES and report.dropped == 0


def test_a_file_that_is_cut_is_called_that(derain, clip, tmp_path):
    """Into a pipe goes what there is; nobody may take it for all of it."""
    cut = tmp_path / 'cut.ts'
    cut.write_bytes(clip.read_bytes()[:-1000])
    derain(clip)
    assert not any('damaged' in text for text in derain.said)
    derain(cut, 'c.mkv')
    assert any('damaged: frames ' in text for text in derain.said)


def test_a_connection_that_is_cut_comes_back(derain, clip, tmp_path):
    content = clip.read_bytes()
    with served(content, content, then='cut', pause=0.01) as address:
        report = derain(address)
    assert report.reconnections == 1
    assert 'connected anew 1 time(s)' in str(report)
    assert any('the connection is lost' in text and 'try 1 of 5' in text
               for text in derain.said)
    # the decoder may still hold some where it is cut
    assert 2 * FRAMES - 8 <= report.derained.frames <= 2 * FRAMES
    stamps = times(tmp_path / 'b.mkv')
    gaps = [other - one for one, other in pairwise(stamps)]
    # the second one follows by the time that has passed
    assert min(gaps) > 0 and 0.9 < max(gaps) < 30


def test_a_sender_that_closes_has_ended_unless_more_is_asked_for(
        derain, clip):
    content = clip.read_bytes()
    with served(content, content, then='close', pause=0.01) as address:
        report = derain(address)
        assert (report.derained.frames, report.reconnections) == (FRAMES, 0)
    with (served(content, content, then='close', pause=0.01) as address,
          pytest.raises(DataError, match=f'{2 * FRAMES} frames, is in')):
        derain(address, 'c.mkv', reconnections=1)
    assert any('the sender has closed it' in text for text in derain.said)


@pytest.mark.parametrize('then', ['end', 'close', 'cut'])
def test_what_the_decoder_still_holds_at_an_end_has_come(
        derain, tmp_path, then):
    """Where pictures are not sent in the order in which they are shown."""
    clip = write_live(tmp_path / 'a.ts', FRAMES, b_frames=2)
    content, output = clip.read_bytes(), tmp_path / 'b.mkv'
    with served(content, content, then=then, pause=0.01) as address:
        if then == 'cut':  # the second connection is whole
            assert derain(address).derained.frames == 2 * FRAMES
            assert marks(output) == 2 * marks(clip)
        else:
            assert derain(address).derained.frames == FRAMES
            assert marks(output) == marks(clip)


def test_a_connection_that_stays_away_leaves_what_came(
        derain, clip, tmp_path):
    with (served(clip.read_bytes(), then='silence') as address,
          pytest.raises(DataError) as error):
        derain(address, timeout=0.5, reconnections=1)
    assert 'was lost after' in str(error.value)
    assert '(nothing for 0.5 s)' not in str(error.value)
    assert '404' in str(error.value)
    assert f'What came before, {len(times(tmp_path / "b.mkv"))} frames' in (
        str(error.value))
    assert len(times(tmp_path / 'b.mkv')) >= FRAMES - 4


@pytest.mark.parametrize(('address', 'says'), [
    ('http://127.0.0.1:1/a', 'nothing answers at http://127.0.0.1:1/a '
     '(connection refused): check the address'),
    ('rtsp://me:secret@127.0.0.1:1/a', 'nothing answers at '
     'rtsp://me:...@127.0.0.1:1/a (connection refused)'),
    ('udp://127.0.0.1:9', 'no word within 0.3 s'),
    ('v4l2:/dev/video99', 'Check the name and the permissions')])
def test_nothing_is_there(derain, tmp_path, address, says):
    began = time.monotonic()
    with pytest.raises(DataError) as error:
        derain(address, timeout=0.3)
    assert says in str(error.value) and 'secret' not in str(error.value)
    assert time.monotonic() - began < 10
    assert not list(tmp_path.iterdir())


def test_what_is_no_video(derain, tmp_path):
    with (served(b'<html>no</html>' * 100) as address,
          pytest.raises(DataError, match='what comes is none that is known.*'
                        'page that shows a video.*yt-dlp')):
        derain(address)
    assert not list(tmp_path.iterdir())


def test_a_server_cannot_lead_to_files(derain, clip, tmp_path):
    """By a list of pieces, say, or by another address."""
    listed = (b'#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://'
              + str(clip).encode() + b'\n#EXT-X-ENDLIST\n')
    with served(listed) as address, pytest.raises(DataError):
        derain(address, timeout=2)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('content', [b'', b'FRAME\n' + b'a' * 99])
def test_an_end_before_the_first_picture(derain, tmp_path, content):
    cut = tmp_path / 'a.y4m'
    cut.write_bytes(b'YUV4MPEG2 W64 H48 F30:1 C420jpeg\n' + content)
    with pytest.raises(DataError, match='ends before its first picture'):
        derain(cut)
    assert list(tmp_path.iterdir()) == [cut]


def test_what_nobody_understands_after_some_frames(derain, tmp_path):
    """It is no end: what came before is whole, and the rest is missed."""
    source = tmp_path / 'a.y4m'
    one = b'FRAME\n' + b'a' * (64 * 48 * 3 // 2)
    source.write_bytes(
        b'YUV4MPEG2 W64 H48 F30:1 C420jpeg\n' + 3 * one
        + b'YUV4MPEG2 W32 H48 F30:1 C420jpeg\n' + 3 * one)
    with pytest.raises(DataError, match='after 3 frames cannot be read.*What '
                       'came before, 3 frames, is in'):
        derain(source)
    assert len(decoded(tmp_path / 'b.mkv')) == 3


def test_what_is_too_late_is_left_out(derain, clip):
    first, second = Unchanged(3, name='streaks'), Unchanged(name='drops')
    chain = SimpleNamespace(
        stages=(first, second), name='both', fit_tile=first.fit_tile,
        spec=lambda *size: (first.spec(), second.spec()),
        stream=Unchanged(20).stream)
    assert 'delay 20 frames' in str(derain(clip, 'a.mkv', chain))
    report = derain(clip, 'b.mkv', chain, LiveOptions(delay=10))
    assert 'delay 3 frames' in str(report)
    assert ('--delay 10: left out drops, with which a frame waits for 20 '
            'others') in derain.said
    with pytest.raises(UserError, match='a frame waits for 3 others'):
        derain(clip, 'c.mkv', chain, LiveOptions(delay=2))


def test_what_is_there_stays(derain, clip, tmp_path):
    (tmp_path / 'b.mkv').write_bytes(b'mine')
    with pytest.raises(UserError, match='is there already. Add --overwrite'):
        derain(clip)
    assert (tmp_path / 'b.mkv').read_bytes() == b'mine'
    (tmp_path / 'c.unfinished.mkv').write_bytes(b'mine')
    with pytest.raises(UserError, match='an earlier run has left'):
        derain(clip, 'c.mkv')
    assert (tmp_path / 'c.unfinished.mkv').read_bytes() == b'mine'


def test_two_at_once_into_one_file(clip, tmp_path):
    output = LiveOutput(tmp_path / 'b.mkv', Encoding(crf=0), overwrite=True)
    job = LiveJob(Unchanged(), LiveInput(clip), output, LiveOptions(),
                  Noted([]))
    with (alone_with(output.unfinished),
          pytest.raises(UserError, match='another process is writing')):
        job.run()
    assert output.unfinished.exists() and not output.target.exists()
    assert job.run().derained.frames == FRAMES


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_stopped_where_there_is_no_end(derain, clip, tmp_path, number):
    output = tmp_path / 'b.unfinished.mkv'

    def stop():
        wait_for(lambda: output.exists() and output.stat().st_size > 2000)
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    thread = threading.Thread(target=stop)
    thread.start()
    with served(clip.read_bytes() * 200, pause=0.005) as address:
        report = derain(address, restorer=Unchanged(6))
    thread.join()
    assert report.is_stopped and report.derained.frames > 6
    assert len(decoded(tmp_path / 'b.mkv')) == report.derained.frames
    assert not output.exists()
    assert signal.getsignal(number) is before


def test_raw_sizes_of_a_live_source(clip, monkeypatch):
    """Bounded by memory, too."""
    monkeypatch.setattr(live_source, '_HELD_BYTES', 4 * 64 * 48 * 3)
    with served(clip.read_bytes(), then='silence') as address:
        source = live_source.LiveSource(LiveInput(LiveAddress.parse(address)))
        source.open(lambda: None)
        assert source._queue.capacity == 3
        assert source.info.rate == RATE
        source.close()


def test_who_comes_by_http_waits_where_the_length_is_said(clip):
    wanted = live_input.LiveInput(LiveAddress.parse('http://cam/a'))
    named = SimpleNamespace(name='mpegts')
    assert wanted.is_endless(SimpleNamespace(
        format=named, duration=None, size=-38))
    for known in (dict(duration=None, size=1000), dict(duration=9, size=-38)):
        assert not wanted.is_endless(SimpleNamespace(format=named, **known))
