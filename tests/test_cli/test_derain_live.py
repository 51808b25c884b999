"""The command in a pipe, as an ffmpeg user types it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import av
import numpy as np
import pytest

from mmderain.cli.derain import build_parser, main
from tests.helpers.live import served, write_live
from tests.helpers.processes import hear_ctrl_c, wait_for
from tests.helpers.videos import (
    marks,
    packets,
    pictures,
    times,
    with_index_first,
    write_video,
)
from tests.tiny import ROOT

FRAMES = 24
# changes nothing; the shipped weights start within a second
UNCHANGED = ('--strength', '0', '--remove', 'streaks', '--device', 'cpu',
             '--backend', 'onnxruntime')


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    return write_live(tmp_path_factory.mktemp('live') / 'a.ts', FRAMES)


def start(*words, **settings):
    """The command in a process of its own, as a shell starts it."""
    return subprocess.Popen(
        [sys.executable, '-m', 'mmderain', 'derain', *map(str, words),
         *UNCHANGED], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, preexec_fn=hear_ctrl_c,
        env={**os.environ, 'PYTHONPATH': str(ROOT)}, **settings)


def piped(content, *words):
    """What comes out of the command, and what it says beside that."""
    process = start(*words)
    out, said = process.communicate(content, timeout=120)
    assert process.returncode == 0, said.decode()
    return out, said.decode()


def y4m(kind, frames):
    """A video as other programs put it into a pipe."""
    height, width = frames[0].shape[-2:]
    return f'YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 C{kind}\n'.encode() + (
        b''.join(b'FRAME\n' + frame.tobytes() for frame in frames))


def test_y4m_comes_out_as_it_went_in():
    # colours that there are, so that all of them are RGB
    frames = [av.VideoFrame.from_ndarray(image, 'rgb24').reformat(
        format='yuv444p').to_ndarray() for image in pictures(12)]
    content = y4m('444', frames)
    out, said = piped(content, '-', '-')
    assert out.partition(b'\n')[0].startswith(b'YUV4MPEG2 W64 H48 F25:1 ')
    assert out.partition(b'\n')[2] == content.partition(b'\n')[2]
    last = said.splitlines()[-1]
    assert 'wrote -: 12 frames' in last and 'delay 8 frames (0.32 s)' in last
    assert 'delay: a frame waits for 8 frames (0.32 s) at 25 ' in said


def test_what_is_made_to_see_a_guide_has_it():
    """Without it the network would do worse; a frame waits longer."""
    content = np.stack(pictures(24)).tobytes()
    out, said = piped(content, '-', '-', '--format', 'rawvideo', '--size',
                      '64x48', '--fps', '30', '--pix-fmt', 'rgb24', '--model',
                      'aligned_median')
    assert len(out) == len(content)
    assert 'delay: a frame waits for 16 frames' in said


def test_a_webm_gets_vp9(tmp_path):
    content = y4m('444', [np.full((3, 48, 64), 90, np.uint8)] * 12)
    piped(content, '-', tmp_path / 'b.webm')
    with av.open(str(tmp_path / 'b.webm')) as container:
        assert container.streams.video[0].codec.canonical_name == 'vp9'
    assert len(times(tmp_path / 'b.webm')) == 12


def test_raw_pictures_come_out_as_they_went_in():
    content = np.stack(pictures(12)).tobytes()
    out, said = piped(content, '-', '-', '--format', 'rawvideo', '--size',
                      '64x48', '--fps', '30', '--pix-fmt', 'rgb24')
    assert out == content
    assert 'not kept: time stamps' in said


def test_raw_pictures_that_end_within_one():
    content = np.stack(pictures(3)).tobytes()
    out, said = piped(content + b'abc', '-', '-', '--format', 'rawvideo',
                      '--size', '64x48', '--fps', '30', '--pix-fmt', 'rgb24')
    assert out == content
    assert '1 frames could not be decoded' in said


def test_y4m_that_ends_within_a_picture():
    content = y4m('mono', [np.zeros((48, 64), np.uint8)] * 12)
    out, said = piped(content[:-9], '-', '-')
    assert out.count(b'FRAME\n') == 11
    assert 'damaged: the pipe: it ends within a picture' in said
    assert 'damaged' not in piped(content, '-', '-')[1]


@pytest.mark.parametrize('name, part', [
    ('.mkv', 0.75), ('.mp4', 0.75), ('.flv', 0.75),
    ('.avi', 0.55)])  # whose index is as long
def test_a_video_that_does_not_come_whole(tmp_path, name, part):
    """Its writer has broken off; what came would be taken for all of it."""
    path = write_video(tmp_path / f'a{name}', pictures(FRAMES))
    if name == '.mp4':
        path = with_index_first(path, tmp_path / 'b.mp4')
    content = path.read_bytes()
    assert 'damaged' not in piped(content, '-', '-')[1]
    said = piped(content[:int(len(content) * part)], '-', '-')[1]
    assert 'damaged: the pipe: it ' in said


def test_a_video_that_breaks_off_before_its_first_picture(tmp_path):
    content = write_video(tmp_path / 'a.mkv', pictures(3)).read_bytes()
    process = start('-', tmp_path / 'b.mkv')
    _, said = process.communicate(content[:900], timeout=120)
    assert process.returncode == 2 and b'Traceback' not in said
    assert b'ends before its first picture is whole' in said


def test_matroska_that_is_damaged_in_the_middle(tmp_path):
    path = write_video(tmp_path / 'a.mkv', pictures(FRAMES))
    with av.open(str(path)) as container:
        block = [packet.pos for packet in container.demux(video=0)][12]
    content = bytearray(path.read_bytes())
    content[block - 4:block + 4] = bytes(8)
    said = piped(bytes(content), '-', '-')[1]
    assert 'damaged: the pipe: its structure is damaged at byte' in said


@pytest.mark.parametrize('name', ['y4m', 'matroska', 'mp4', 'flv'])
def test_a_video_that_is_called_raw_pictures(clip, tmp_path, name):
    """Its bytes would be shown as noise, and called done."""
    if name == 'y4m':
        content = y4m('mono', [np.zeros((48, 64), np.uint8)] * 3)
    else:
        suffix = dict(matroska='.mkv').get(name, f'.{name}')
        content = write_video(tmp_path / f'a{suffix}',
                              pictures(3)).read_bytes()
    process = start('-', tmp_path / 'out.mkv', '--size', '8x6', '--fps', '30',
                    '--pix-fmt', 'gray')
    _, said = process.communicate(content, timeout=120)
    assert process.returncode == 2, said
    assert b'expected raw pictures' in said and b'Leave out --size' in said
    assert [path for path in tmp_path.iterdir() if 'out' in path.name] == []


@pytest.mark.parametrize('name', ['matroska', 'mpegts'])
def test_times_and_sound_go_through_a_pipe(clip, tmp_path, name):
    out, _ = piped(clip.read_bytes(), '-', '-', '--format', name)
    output = tmp_path / 'b'
    output.write_bytes(out)
    assert marks(output) == marks(clip)
    for ours, theirs in ((times(output), times(clip)), (
            *([item[0] for item in packets(path)['audio']]
              for path in (output, clip)), )):
        np.testing.assert_allclose(np.array(ours, float),
                                   np.array(theirs, float), atol=0.001)


def test_sound_that_a_pipe_cannot_hold_is_named(clip):
    _, said = piped(clip.read_bytes(), '-', '-')
    assert 'not kept: sound, which y4m does not hold' in said


def test_a_file_into_a_pipe_is_whole(clip):
    out, said = piped(b'', clip, '-', '--format', 'matroska')
    assert out and f'wrote -: {FRAMES} frames' in said
    assert 'dropped' not in said


def test_some_seconds_without_sound(clip, tmp_path):
    output = tmp_path / 'b.mkv'
    with served(clip.read_bytes(), then='silence') as address:
        process = start(address, output, '-t', '0.5', '-an')
        said = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 0, said
    assert marks(output) == marks(clip)[:15]
    assert not packets(output).get('audio')


def test_a_page_is_not_the_video_that_it_shows(tmp_path):
    with served(b'<!DOCTYPE html><html>' + 9000 * b'rain ') as address:
        process = start(address, tmp_path / 'b.mkv')
        said = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 2
    assert (f'{address}: expected a video, but what comes is none that is '
            'known') in said
    assert 'If it is a page that shows a video, download it first: yt-dlp'\
        in said
    assert not list(tmp_path.iterdir())


def test_ctrl_c_on_what_never_ends(clip, tmp_path):
    unfinished = tmp_path / 'b.unfinished.mp4'
    with served(clip.read_bytes() * 200, pause=0.03) as address:
        process = start(address, tmp_path / 'b.mp4')
        wait_for(lambda: unfinished.exists()
                 and unfinished.stat().st_size > 1000)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert process.returncode == 130, said.decode()
    assert said.decode().splitlines()[-1] == 'stopped'
    assert 'Traceback' not in said.decode()
    count = int(re.search(r'mp4: (\d+) frames', out.decode())[1])
    assert len(times(tmp_path / 'b.mp4')) == count > 0
    assert [*tmp_path.iterdir()] == [tmp_path / 'b.mp4']


def test_a_row_of_files_in_a_folder(clip, tmp_path):
    process = start('-', f'{tmp_path}/out/', '--segment-time', '00:00:00.5')
    out, said = process.communicate(clip.read_bytes(), timeout=120)
    assert process.returncode == 0, said.decode()
    first, second = sorted((tmp_path / 'out').iterdir(),
                           key=lambda path: path.stat().st_mtime_ns)
    assert re.fullmatch(r'\d{8}-\d{6}\.mkv', first.name)
    assert marks(first) + marks(second) == marks(clip)
    assert f'finished {first}: 15 frames' in said.decode()
    assert f'%Y%m%d-%H%M%S.mkv: {FRAMES} frames' in out.decode()
    assert '; 2 files; delay' in out.decode()


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_a_reader_that_stalls_does_not_keep_it(number):
    process = start('-', '-')
    content = y4m('444', [np.zeros((3, 48, 64), np.uint8)] * 60)

    def write():  # which stalls, too
        with suppress(BrokenPipeError):
            process.stdin.write(content)

    threading.Thread(target=write, daemon=True).start()
    assert process.stdout.read(10) == b'YUV4MPEG2 '  # and no more of it
    time.sleep(1)
    process.send_signal(number)
    assert process.wait(60) == 130
    said = process.stderr.read().decode()
    assert said.splitlines()[-1] == 'stopped' and 'Traceback' not in said


def test_standard_output_on_a_full_disk(clip):
    with open('/dev/full', 'wb') as full:
        done = subprocess.run(
            [sys.executable, '-m', 'mmderain', 'derain', clip, '-',
             *UNCHANGED], stdout=full, stderr=subprocess.PIPE, check=False,
            env={**os.environ, 'PYTHONPATH': str(ROOT)})
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[-1] == (
        'error: standard output takes no more (No space left on device). '
        'Free some space.')


def test_nobody_reads_on():
    process = start('-', '-')
    frames = [np.zeros((3, 48, 64), np.uint8)] * 60
    process.stdout.close()
    with suppress(BrokenPipeError):  # it may be gone already
        process.stdin.write(y4m('444', frames))
        process.stdin.close()
    said = process.stderr.read().decode()
    assert process.wait(60) == 1
    assert 'nobody reads on' in said and 'Traceback' not in said


@pytest.mark.parametrize(('words', 'says'), [
    (('-', 'b.mkv', '--size', '64x48'), 'add --fps, --pix-fmt'),
    (('-', 'b.mkv', '--resume'), '--resume is for files. Live pictures come '
     'once'),
    (('-', 'b.mkv', '--start', '3'), '--start is for files'),
    (('-', '--output-dir', 'b'), '--output-dir is for files'),
    (('-', 'b'), 'live pictures go into a file whose name ends in .mp4'),
    (('-', 'b.avi'), 'An AVI has no time stamps, and H.264 in it comes a '
     'frame late: write b.mkv.'),
    (('-', 'b.png'), 'live pictures go into a file whose name ends in .mp4'),
    (('-', 'b.mkv', '--format', 'mpegts'), 'b.mkv says it by its name'),
    (('-', '-', '--crf', '3'), '--crf is for what is encoded'),
    (('-', 'v4l2:/dev/video0'), 'is a camera, which shows nothing'),
    (('-', 'rtsp://cam/1', '--format', 'flv'), 'takes no container of another '
     'kind'),
    (('rtsp://cam/1', 'b.mkv', '--size', '64x48'), 'is for raw pictures in a '
     'pipe'),
    (('v4l2:/dev/video0', 'b.mkv', '--pix-fmt', 'x'), '--pix-fmt x: expected '
     'a name of FFmpeg'),
    (('-', 'b.mkv', '--segment-time', '9'), 'expected a name that differs '
     'from file to file, such as b_%03d.mkv'),
    (('-', 'b/', '--segment-time', '9', '--overwrite'), 'every file gets a '
     'name that is free'),
    (('-', 'b_%03d', '--segment-time', '9'), 'live pictures go into a file '
     'whose name ends in'),
    (('-', 'b/'), 'with --segment-time also into a folder, FOLDER/'),
    (('-', '-', '--segment-time', '9'), '- is one stream'),
    (('a.mp4', 'b_%03d.mkv', '--segment-time', '9'), '--segment-time is for '
     'live pictures'),
    (('a.mp4', 'b.mkv', '--delay', '3'), '--delay is for live pictures'),
    (('concat:a.mp4', 'b.mkv'), 'concat:a.mp4: expected a video'),
    (('https://www.youtube.com/watch?v=a&t=9', 'b.mp4'), 'a page that shows a '
     "video, expected the video itself: download it first: yt-dlp -o "
     "'rainy.%(ext)s' 'https://www.youtube.com/watch?v=a&t=9', then"),
    (('https://youtu.be/a', '-o', 'clean/'), 'a page that shows a video'),
    (('a.mp4', 'https://vimeo.com/1', '--output-dir', 'clean'),
     'https://vimeo.com/1 is a page'),
    (('http://127.0.0.1:1/a', 'b.mkv', '--remove', 'streaks'),
     'nothing answers at http://127.0.0.1:1/a (connection refused)')])
def test_what_is_refused(words, says, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, 'isatty', lambda number: False)
    assert main([*words, '--device', 'cpu']) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_terminal_is_no_pipe(monkeypatch, capsys):
    monkeypatch.setattr(os, 'isatty', lambda number: True)
    assert main(['-', 'b.mkv']) == 2
    assert 'standard input is a terminal' in capsys.readouterr().err
    assert main(['rtsp://cam/1', '-']) == 2
    assert 'standard output is a terminal' in capsys.readouterr().err


@pytest.mark.parametrize(('stream', 'words', 'says'), [
    ('stdin', ('-', 'b.mkv'), 'standard input is closed'),
    ('stdout', ('rtsp://cam/1', '-'), 'standard output is closed')])
def test_what_is_closed_is_no_pipe(stream, words, says, monkeypatch, capsys):
    monkeypatch.setattr(sys, stream, None)
    monkeypatch.setattr(os, 'isatty', lambda number: False)
    assert main([*words, '--device', 'cpu']) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(('text', 'found'), [
    ('600', 600), ('90.5', 90.5), ('10:00', 600), ('01:00:00.5', 3600.5)])
def test_the_time_of_a_file(text, found):
    args = build_parser().parse_args(['-', 'a/', '--segment-time', text])
    assert args.segment_time == found


@pytest.mark.parametrize('words', [
    ('--size', '64'), ('--size', '0x3'), ('--timeout', '0'),
    ('--timeout', 'nan'), ('--delay', '-1'), ('--format', 'avi'),
    ('--segment-time', '0'), ('--segment-time', '1:75'),
    ('--segment-time', '1h')])
def test_values_that_cannot_be(words, capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args(['-', '-', *words])
    assert words[0] in capsys.readouterr().err
