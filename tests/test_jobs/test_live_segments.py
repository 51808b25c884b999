"""Live pictures as a row of finished files."""

import errno
import os
import signal
import threading
from fractions import Fraction
from itertools import count

import av
import numpy as np
import pytest

from mmderain.errors import DataError, UserError
from mmderain.jobs.live_job import LiveJob, LiveOptions
from mmderain.media.encoding import Encoding
from mmderain.media.live_address import LiveAddress
from mmderain.media.live_input import LiveInput
from mmderain.media.live_output import LiveOutput
from mmderain.media.live_segments import LiveSegments
from mmderain.media.live_sink import LiveSink
from mmderain.media.live_source import LiveSource, Sound
from mmderain.media.video_info import TimedFrame
from tests.helpers.live import RATE, Noted, Unchanged, served, write_live
from tests.helpers.processes import wait_for
from tests.helpers.videos import decoded, marks, packets, times

FRAMES = 50
SECONDS = 0.5  # 15 frames
LENGTHS = [15, 15, 15, 5]


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    return write_live(tmp_path_factory.mktemp('live') / 'a.ts', FRAMES)


@pytest.fixture
def derain(tmp_path):
    """Runs a job into files of half a second; notes what it says."""
    said = []

    def run(source, name='a_%02d.mkv', encoding=None, **settings):
        output = LiveOutput(tmp_path / 'out' / name, encoding or Encoding(),
                            segment_seconds=SECONDS)
        origin = LiveAddress.parse(str(source)) or source
        return LiveJob(Unchanged(4),
                       LiveInput(origin, **{'timeout': 10, **settings}),
                       output, LiveOptions(), Noted(said)).run()

    run.said = said
    return run


def files(tmp_path):
    return sorted((tmp_path / 'out').iterdir())


@pytest.mark.parametrize('suffix', ['.mkv', '.mp4', '.mov', '.ts'])
def test_no_frame_is_lost_or_doubled_and_every_file_stands_alone(
        derain, clip, tmp_path, suffix):
    with served(clip.read_bytes(), pause=0.005) as address:
        report = derain(address, f'a_%02d{suffix}')
    written = files(tmp_path)
    assert [path.name for path in written] == [
        f'a_0{number}{suffix}' for number in range(len(LENGTHS))]
    assert [mark for path in written for mark in marks(path)] == marks(clip)
    assert [len(marks(path)) for path in written] == LENGTHS
    for path in written:
        with av.open(str(path)) as container:
            first = next(packet for packet in container.demux(video=0))
            assert first.is_keyframe
        gaps = np.diff(np.array(times(path), float))
        # MP4 begins at zero, whatever comes first
        np.testing.assert_allclose(gaps[1:], 1 / RATE, atol=0.0011)
    assert report.files == 4 and report.derained.frames == FRAMES
    assert f'a_%02d{suffix}: {FRAMES} frames' in str(report)
    assert '; 4 files; delay' in str(report)
    assert [text for text in derain.said if text.startswith('finished')] == [
        f'finished {path}: {length} frames'
        for path, length in zip(written, LENGTHS, strict=True)]


@pytest.mark.parametrize('suffix', ['.mkv', '.mp4'])
def test_later_files_begin_at_zero(derain, clip, tmp_path, suffix):
    derain(clip, f'a_%02d{suffix}')
    _, *later = files(tmp_path)
    assert [times(path)[0] for path in later] == [0] * len(later)


@pytest.mark.parametrize('suffix', ['.mkv', '.mp4', '.ts'])
def test_sound_is_cut_with_the_pictures(derain, clip, tmp_path, suffix):
    derain(clip, f'a_%02d{suffix}')
    stamps = times(clip)
    begins = [0, *(stamps[first] for first in np.cumsum(LENGTHS)[:-1])]
    together = []
    for path, begin in zip(files(tmp_path), begins, strict=True):
        sound = packets(path)['audio']
        with av.open(str(path)) as container:  # which every file can play
            assert sum(frame.samples for frame in container.decode(
                audio=0)) >= 1024 * (len(sound) - 1)
        assert 0 <= sound[0][0] < 0.022
        # MP4 begins at zero, and its first part lasts longer
        together += [None, *(float(item[0] + begin) for item in sound[1:])]
    whole = [float(item[0]) for item in packets(clip)['audio']]
    assert len(together) == len(whole)
    np.testing.assert_allclose(*np.array(
        [pair for pair in zip(together, whole, strict=True)
         if pair[0] is not None]).T, atol=0.0015)


def test_names_that_are_there_stay(derain, clip, tmp_path):
    (tmp_path / 'out').mkdir()
    mine = [tmp_path / 'out' / name
            for name in ('a_03.mkv', 'a_05.unfinished.mkv')]
    for path in mine:
        path.write_bytes(b'mine')
    derain(clip)
    assert all(path.read_bytes() == b'mine' for path in mine)
    assert [path.name for path in files(tmp_path)] == [
        'a_03.mkv', 'a_05.unfinished.mkv', 'a_06.mkv', 'a_07.mkv', 'a_08.mkv',
        'a_09.mkv']


def test_times_as_names_in_folders_that_are_made(derain, clip, tmp_path):
    derain(clip, '%Y/a.mkv')
    folder, = files(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [
        'a-2.mkv', 'a-3.mkv', 'a-4.mkv', 'a.mkv']


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_stopped_where_there_is_no_end(derain, clip, tmp_path, number):
    def stop():
        wait_for(lambda: (tmp_path / 'out' / 'a_01.mkv').exists())
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=stop)
    thread.start()
    with served(clip.read_bytes() * 200, pause=0.005) as address:
        report = derain(address)
    thread.join()
    written = files(tmp_path)
    assert report.is_stopped and report.files == len(written) > 1
    assert not any('unfinished' in path.name for path in written)
    assert sum(len(decoded(path)) for path in written) == (
        report.derained.frames)


def test_a_connection_that_is_cut_comes_back(derain, clip, tmp_path):
    """Sound of the second one goes into the files of the first one's kind."""
    content = clip.read_bytes()
    with served(content, content, then='cut', pause=0.01) as address:
        report = derain(address)
    assert report.reconnections == 1
    written = files(tmp_path)
    assert sum(len(decoded(path)) for path in written) == (
        report.derained.frames) >= 2 * FRAMES - 8
    assert all(packets(path)['audio'] for path in written)
    # the pause of a second is in one file alone, or between two
    assert len(written) == report.files


def test_a_connection_that_stays_away_leaves_whole_files(
        derain, clip, tmp_path):
    with (served(clip.read_bytes(), then='silence') as address,
          pytest.raises(DataError) as error):
        derain(address, timeout=0.5, reconnections=1)
    written = files(tmp_path)
    assert f'is in {tmp_path}/out/a_%02d.mkv ({len(written)} files)' in str(
        error.value)
    assert not any('unfinished' in path.name for path in written)


def test_a_disk_that_is_full_leaves_what_was_finished(
        derain, clip, tmp_path, monkeypatch):
    mux, written = LiveSink._mux, count()

    def full(sink, frame):
        if frame is not None and next(written) == 20:
            raise sink.output.failed(
                OSError(errno.ENOSPC, 'No space left on device'))
        mux(sink, frame)

    monkeypatch.setattr(LiveSink, '_mux', full)
    with pytest.raises(UserError, match='No space left'):
        derain(clip)
    assert [path.name for path in files(tmp_path)] == [
        'a_00.mkv', 'a_01.unfinished.mkv']
    assert len(decoded(files(tmp_path)[0])) == 15


def test_a_folder_that_has_become_a_file(derain, clip, tmp_path, monkeypatch):
    """No name in it is free, so that the search for one had no end."""
    finish, moved = LiveSink.close, []

    def move(sink, to_the_end):
        finish(sink, to_the_end)
        if not moved:
            moved.append((tmp_path / 'out').rename(tmp_path / 'away'))
            (tmp_path / 'out').touch()

    monkeypatch.setattr(LiveSink, 'close', move)
    with pytest.raises(UserError, match='out is no folder, so nothing can'):
        derain(clip)
    assert (tmp_path / 'away' / 'a_00.mkv').is_file()


def test_nothing_came(derain, tmp_path):
    empty = tmp_path / 'a.y4m'
    empty.write_bytes(b'YUV4MPEG2 W64 H48 F30:1 C420jpeg\n')
    with pytest.raises(DataError, match='ends before its first picture'):
        derain(empty)
    assert not (tmp_path / 'out').exists()


def test_sound_that_a_container_refuses_leaves_nothing(
        derain, clip, tmp_path):
    with pytest.raises(UserError, match='does not take --encoder libvpx'):
        derain(clip, 'a_%02d.webm', encoding=Encoding(named='libvpx-vp9'))
    assert not files(tmp_path)


@pytest.fixture
def sink(clip, tmp_path):
    """Where frames and sound are written by hand; and a frame for a number."""
    source = LiveSource(LiveInput(clip))
    source.open(lambda: None)
    output = LiveOutput(tmp_path / 'out' / 'a_%02d.mkv', Encoding(),
                        segment_seconds=1)
    sink = LiveSegments(output, source.info, list(zip(
        source.sounds, source.headers, strict=True)), lambda text: None)
    source.begin()
    sounds = [item for item in source.items(lambda: False)
              if isinstance(item, Sound)]
    unit = source.info.time_base
    image = np.zeros((48, 64, 3), np.uint8)
    yield sink, sounds, lambda number: TimedFrame(
        image, round(Fraction(number, RATE) / unit),
        round(Fraction(1, RATE) / unit), number)
    source.close()


def test_sound_that_comes_after_the_border(sink, tmp_path):
    """It belongs to the file before, which waits for it."""
    sink, sounds, frame = sink
    for number in range(50):
        if number == 40:  # which is 10 frames after the border
            for sound in sounds:
                sink.hold(sound)
        sink.write(frame(number))
    sink.close(True)
    early = sum(sound.seconds < 1 for sound in sounds)
    assert len(packets(files(tmp_path)[0])['audio']) == early > 0


def test_a_file_does_not_wait_for_sound_that_never_comes(sink, tmp_path):
    sink, sounds, frame = sink
    for number in (0, 9 * RATE, 9 * RATE + 1):
        sink.write(frame(number))
    assert [path.name for path in files(tmp_path)] == [
        'a_00.unfinished.mkv', 'a_01.unfinished.mkv']
    sink.write(frame(11 * RATE))
    assert 'a_00.mkv' in [path.name for path in files(tmp_path)]
    for sound in sounds:  # which has no place any more
        sink.hold(sound)
    sink.close(True)
    assert [path.name for path in files(tmp_path)] == [
        'a_00.mkv', 'a_01.mkv', 'a_02.mkv']
    assert 'audio' not in packets(files(tmp_path)[2])
