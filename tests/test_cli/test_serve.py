"""``mmderain serve`` as a process, on the loopback."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from mmderain.cli import main as command
from tests.helpers.processes import hear_ctrl_c, wait_for
from tests.helpers.videos import pictures, times, write_video
from tests.tiny import ROOT

pytest.importorskip('starlette', reason='the extra [serve] is missing')


@pytest.mark.parametrize(('options', 'said'), [
    (['--model', 'none'], 'none'), (['--checkpoint', 'no.pth'], 'no.pth'),
    (['--device', 'tpu'], 'tpu'),
    (['--host', '203.0.113.1'], 'expected an address of this machine'),
    (['--folder', '/nowhere/at/all'], '/nowhere/at/all')])
def test_what_cannot_be_is_refused_at_once(capsys, options, said):
    assert command.main(['serve', '--port', '0', *options]) == 2
    out, err = capsys.readouterr()
    assert said in err and err.startswith('error: ')
    assert err.count('\n') == 1


def test_a_port_that_is_taken_is_refused(capsys):
    with socket.create_server(('127.0.0.1', 0)) as other:
        port = str(other.getsockname()[1])
        assert command.main(['serve', '--port', port]) == 2
    said = capsys.readouterr().err
    assert f'--port {port}: expected' in said and 'in use' in said


@pytest.mark.parametrize(('host', 'said'), [
    ('0.0.0.0', 'http://localhost:'), ('127.0.0.1', 'http://127.0.0.1:')])
def test_the_address_that_is_said_can_be_opened(capsys, host, said):
    from mmderain.cli.serve import listening_at, tell
    with listening_at(host, 0) as listening:
        tell(listening)
    assert f'serves {said}' in capsys.readouterr().out


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('served')


@pytest.fixture
def start(folder, tmp_path):
    """Starts a server; returns the process and who visits it."""
    from tests.helpers.served_page import Visitor
    running = []

    def run(*options):
        process = subprocess.Popen(
            [sys.executable, '-m', 'mmderain', 'serve', '--port', '0',
             '--folder', folder, '--device', 'cpu', '--model', 'fast',
             *options], cwd=ROOT, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, preexec_fn=hear_ctrl_c)
        running.append(process)
        line = process.stdout.readline()
        assert line, process.stderr.read()
        port = re.fullmatch(r'mmderain serves http://127\.0\.0\.1:(\d+) '
                            r'\(Ctrl-C ends it\)\n', line)[1]
        return process, Visitor(int(port))
    yield run
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def long_video(tmp_path):
    """One whose job runs until it is ended."""
    path = write_video(tmp_path / 'long.mp4', pictures(60) * 50)
    return path.read_bytes()


@pytest.fixture
def video(tmp_path):
    return write_video(tmp_path / 'rainy.mp4', pictures(6))


def processes_in(folder):
    """Those whose folder is in another one."""
    found = []
    for name in filter(str.isdecimal, os.listdir('/proc')):
        try:
            place = os.readlink(f'/proc/{name}/cwd')
        except OSError:
            continue
        if place.startswith(str(folder)):
            found.append(name)
    return found


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_video_from_upload_to_download(start, video, folder, tmp_path,
                                         number):
    process, visitor = start()
    job_id = visitor.upload(video.read_bytes())
    said = visitor.until(job_id, 'done', 'failed')
    assert said['state'] == 'done', said
    for name in ('result', 'view'):
        path = tmp_path / f'{name}.mp4'
        path.write_bytes(visitor.ask(f'/jobs/{job_id}/{name}')[2])
        assert times(path) == times(video)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == ('stopped: jobs were ended, and all files of visitors '
                   'cleared\n')
    assert not any(folder.iterdir())


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_stopped_as_soon_as_it_is_there(start, folder, number):
    process, _ = start()
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 130 and not any(folder.iterdir())


def test_stopped_while_a_job_runs_and_another_comes(start, long_video,
                                                    folder):
    process, visitor = start('--max-seconds', '1000')
    visitor.until(visitor.upload(long_video), 'running')
    wait_for(lambda: processes_in(folder))
    with socket.create_connection(('127.0.0.1', visitor.port)) as connection:
        connection.sendall(
            b'POST /jobs?name=a.mp4 HTTP/1.1\r\nHost: localhost\r\n'
            b'Content-Length: 1000\r\n\r\nhalf')
        wait_for(lambda: len([*folder.glob('*/*/rainy.mp4')]) == 2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and err.count('\n') == 1
    assert not processes_in(folder) and not any(folder.iterdir())


def test_a_killed_server_leaves_no_job_and_the_next_clears(start, long_video,
                                                          video, folder):
    process, visitor = start('--max-seconds', '1000')
    job_id = visitor.upload(long_video)
    visitor.until(job_id, 'running')
    wait_for(lambda: visitor.state(job_id)['progress'])
    process.kill()
    process.wait()
    left, = folder.iterdir()
    wait_for(lambda: not processes_in(folder))  # told nothing, it ends itself
    _, visitor = start()
    assert not left.exists()
    job_id = visitor.upload(video.read_bytes())
    assert visitor.until(job_id, 'done', 'failed')['state'] == 'done'


def test_a_job_that_is_killed_does_not_end_the_server(start, long_video,
                                                      video, folder):
    _, visitor = start('--max-seconds', '1000')
    job_id = visitor.upload(long_video)
    visitor.until(job_id, 'running')
    wait_for(lambda: processes_in(folder))
    for number in processes_in(folder):
        os.kill(int(number), signal.SIGKILL)
    assert 'signal 9' in visitor.until(job_id, 'failed')['error']
    job_id = visitor.upload(video.read_bytes())
    assert visitor.until(job_id, 'done', 'failed')['state'] == 'done'


@pytest.mark.parametrize(('name', 'content', 'words'), [
    ('mine.mp4', b'no video at all', 'mine.mp4: expected a video'),
    ('mine.png', b'no picture at all', 'mine.png: expected an image'),
    ('mine.mkv', None, 'too long: expected 1 s at most, got 1.3')])
def test_what_is_wrong_is_said_with_its_name(start, tmp_path, name, content,
                                             words):
    if content is None:
        content = write_video(tmp_path / name, pictures(40)).read_bytes()
    _, visitor = start('--max-seconds', '1')
    said = visitor.until(visitor.upload(content, name), 'failed', 'done')
    assert words in said['error'] and str(tmp_path) not in said['error']


def test_the_usual_limits_are_those_of_the_document():
    from mmderain.cli.serve import build_parser, limits_of
    from mmderain.serve.limits import Limits
    limits = limits_of(build_parser().parse_args([]))
    assert limits == Limits()
    text = (ROOT / 'docs' / 'serve.md').read_text()
    for words in (f'{limits.megabytes} MB', f'{limits.seconds} s of video',
                  '{}x{} (`'.format(*limits.size), f'{limits.jobs} jobs'):
        assert words in text.replace('\n', ' '), words
