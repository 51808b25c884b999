"""What a server answers to its page."""

import json
import re
import shlex
import shutil
import socket
import subprocess
from contextlib import suppress

import pytest

from mmderain.serve.job import State
from tests.helpers.processes import wait_for
from tests.helpers.served_page import upload_path
from tests.tiny import ROOT

pytest.importorskip('starlette', reason='the extra [serve] is missing')


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix()
                  for path in folder.rglob('*') if path.is_file())


def test_the_page_and_all_that_it_names(serving):
    visitor = serving()
    status, headers, content = visitor.ask('/')
    assert status == 200 and headers['Content-Type'].startswith('text/html')
    assert "default-src 'none'" in headers['Content-Security-Policy']
    assert headers['X-Content-Type-Options'] == 'nosniff'
    named = re.findall(r'(?:href|src)="(/[^"]+)"', content.decode())
    assert len(named) == 3
    for path in [*named, '/viewer.js']:
        assert visitor.ask(path)[0] == 200, path
    # nothing of it is inline, which the policy forbids
    assert not re.search(rb'<style|style=|<script>| on\w+=', content)


def test_limits_are_told(serving):
    _, about = serving(megabytes=3, seconds=7, size=(64, 48)).told('/about')
    assert about['choices'] == ['all', 'streaks']
    assert (about['megabytes'], about['bytes']) == (3, 3_000_000)
    assert (about['seconds'], about['size']) == (7, [64, 48])


def test_a_file_is_derained_shown_and_handed_out(serving, folder):
    visitor = serving()
    job_id = visitor.upload(b'rain', 'my rain.mp4', 'streaks')
    said = visitor.until(job_id, 'done', 'failed')
    assert said['state'] == 'done' and said['name'] == 'my rain.mp4'
    assert (said['frames'], said['frames_with_drops']) == (9, 3)
    assert said['view'] == 'video' and said['has_drops']
    # by the names that the visitor knows; options are those of the choice
    assert said['notes'] == ['my rain.mp4 is odd', '--remove', 'streaks']
    status, headers, content = visitor.ask(f'/jobs/{job_id}/result')
    assert (status, content) == (200, b'result of rain')
    assert 'attachment' in headers['Content-Disposition']
    assert 'my%20rain_clean.mp4' in headers['Content-Disposition']
    status, headers, content = visitor.ask(f'/jobs/{job_id}/view',
                                           Range='bytes=10-19')
    assert (status, content) == (206, bytes(range(10, 20)))
    # nothing else is kept
    wait_for(lambda: files_in(folder) == [f'{job_id}/clean.mp4',
                                          f'{job_id}/view.mp4'])
    assert visitor.ask(f'/jobs/{job_id}', 'DELETE')[0] == 204
    assert not any(folder.iterdir())
    for path in ('', '/view', '/result'):
        status, said = visitor.told(f'/jobs/{job_id}{path}')
        assert status == 404 and 'Upload the file again' in said['error']


def test_what_the_document_says_to_programs(serving, tmp_path):
    if shutil.which('curl') is None:
        pytest.skip('curl is missing')
    visitor = serving()
    (tmp_path / 'rainy.mp4').write_bytes(b'rain')
    text = (ROOT / 'docs' / 'serve.md').read_text()
    upload, state, result, remove = [
        shlex.split(line) for line in text.splitlines()
        if line.startswith('curl ')]

    def type_in(words, job_id=''):
        return subprocess.run(
            [word.replace(':8765', f':{visitor.port}')
             .replace('/ID', f'/{job_id}') for word in words],
            cwd=tmp_path, check=True, capture_output=True).stdout

    job_id = json.loads(type_in(upload))['id']
    visitor.until(job_id, 'done')
    said = json.loads(type_in(state, job_id))
    assert said['state'] == 'done' and said['error'] is None
    assert {*re.findall(r'`(\w+)`', text)} >= {'id', *map(str, State)} - {
        'uploading'}
    type_in(result, job_id)
    assert (tmp_path / 'clean.mp4').read_bytes() == b'result of rain'
    type_in(remove, job_id)
    assert 'There is no such job' in json.loads(type_in(state, job_id))[
        'error']


def test_a_form_is_told_that_the_file_is_the_body(serving, folder):
    """As ``curl -F file=@rainy.mp4`` sends it."""
    kind = {'Content-Type': 'multipart/form-data; boundary=x'}
    status, _, content = serving().ask('/jobs?name=a.mp4', 'POST', b'--x--',
                                       **kind)
    assert status == 400 and not any(folder.iterdir())
    assert json.loads(content)['error'] == (
        'Expected the file itself as the body, got a form. With curl: '
        "--data-binary @rainy.mp4 'http://.../jobs?name=rainy.mp4', without "
        '-F.')


@pytest.mark.parametrize('name', [
    '../../../etc/x.mp4', '/etc/passwd.mp4', '<img src=x>.mp4', 'a\0.mp4',
    '-rf.mp4', '"; x="\r\nSet-Cookie: a=b.mp4', 'ä' * 300 + '.mp4', '.mp4',
    'CON\\a:b.mp4', '\ud800.mp4'.encode(errors='surrogatepass').decode(
        errors='replace')])
def test_a_name_is_shown_and_never_a_path(serving, folder, name):
    visitor = serving()
    job_id = visitor.upload(b'rain', name)
    assert visitor.until(job_id, 'done')['name'] == name
    wait_for(lambda: files_in(folder) == [f'{job_id}/clean.mp4',
                                          f'{job_id}/view.mp4'])
    status, headers, content = visitor.ask(f'/jobs/{job_id}/result')
    assert status == 200 and 'Set-Cookie' not in headers
    download = visitor.state(job_id)['download']
    assert download.endswith('_clean.mp4') and len(download) < 120
    assert not set('/\\:<>"\0\r\n') & set(download)


@pytest.mark.parametrize(('name', 'choice', 'words'), [
    ('a.txt', 'all', 'Expected a video or a picture'),
    ('', 'all', 'Expected a video or a picture'),
    ('a.mp4', '--output-dir', 'Expected one of all, streaks')])
def test_what_is_not_understood_is_refused(serving, folder, name, choice,
                                           words):
    status, answer = serving().told(upload_path(name, choice), 'POST', b'x')
    assert status == 400 and words in answer['error']
    assert not any(folder.iterdir())


def all_of(connection):
    """What comes until the other side closes."""
    return b''.join(iter(lambda: connection.recv(4096), b''))


@pytest.fixture
def impatient(monkeypatch):
    """What is refused is not heard out for long."""
    monkeypatch.setattr('mmderain.serve.upload.SECONDS_TO_HEAR', .1)


def test_a_large_file_is_refused_before_it_comes(serving, folder, impatient):
    visitor = serving(megabytes=1)
    with socket.create_connection(('127.0.0.1', visitor.port)) as connection:
        connection.sendall(
            b'POST /jobs?name=a.mp4 HTTP/1.1\r\nHost: localhost\r\n'
            b'Content-Length: 2000000\r\n\r\n')
        answer = all_of(connection)  # nothing was sent
    assert b'400' in answer.splitlines()[0]
    assert b'expected 1 MB at most, got 2.0' in answer
    assert not any(folder.iterdir())


def test_a_large_file_of_unsaid_length_is_cut_off(serving, folder):
    visitor = serving(megabytes=1)
    sizes = []

    def chunks():
        yield b'x' * 100_000
        wait_for(lambda: any(folder.glob('*/rainy.mp4')))
        for _ in range(49):
            with suppress(FileNotFoundError):  # cleared in between
                sizes.extend(path.stat().st_size
                             for path in folder.glob('*/rainy.mp4'))
            yield b'x' * 100_000
    # heard out, so that it can be read why
    status, said = visitor.told(upload_path('a.mp4'), 'POST', chunks())
    assert status == 400 and 'expected 1 MB at most' in said['error']
    assert max(sizes) <= 1_000_000 and not any(folder.iterdir())


def test_who_goes_on_sending_is_cut_off(serving, folder, impatient):
    visitor = serving(megabytes=1)
    with socket.create_connection(('127.0.0.1', visitor.port)) as connection:
        connection.sendall(
            b'POST /jobs?name=a.mp4 HTTP/1.1\r\nHost: localhost\r\n'
            b'Transfer-Encoding: chunked\r\n\r\n')
        with pytest.raises(OSError):
            while True:
                connection.sendall(b'186a0\r\n' + b'x' * 100_000 + b'\r\n')
    assert not any(folder.iterdir())


def test_an_empty_file_is_refused(serving, folder):
    status, said = serving().told(upload_path('a.mp4'), 'POST', b'')
    assert status == 400 and 'is empty' in said['error']
    assert not any(folder.iterdir())


def test_an_upload_that_is_cut_leaves_nothing(serving, folder):
    visitor = serving(jobs=1)
    with socket.create_connection(('127.0.0.1', visitor.port)) as connection:
        connection.sendall(
            b'POST /jobs?name=a.mp4 HTTP/1.1\r\nHost: localhost\r\n'
            b'Content-Length: 1000\r\n\r\nhalf')
        wait_for(lambda: any(folder.glob('*/rainy.mp4')))
        # it counts while it comes
        assert visitor.told(upload_path('b.mp4'), 'POST', b'x')[0] == 503
    wait_for(lambda: not any(folder.iterdir()))
    visitor.upload(b'rain')


def test_an_upload_that_stands_still_is_ended(serving, folder, monkeypatch,
                                              impatient):
    monkeypatch.setattr('mmderain.serve.upload.SECONDS_OF_SILENCE', .2)
    visitor = serving()
    with socket.create_connection(('127.0.0.1', visitor.port)) as connection:
        connection.sendall(
            b'POST /jobs?name=a.mp4 HTTP/1.1\r\nHost: localhost\r\n'
            b'Content-Length: 1000\r\n\r\nhalf')
        assert b'broken off' in all_of(connection)
    assert not any(folder.iterdir())


def test_a_download_that_is_cut_harms_nobody(serving):
    visitor = serving()
    job_id = visitor.upload(b'x' * 3_000_000)
    visitor.until(job_id, 'done')
    with socket.create_connection(('127.0.0.1', visitor.port)) as connection:
        connection.sendall(f'GET /jobs/{job_id}/result HTTP/1.1\r\n'
                           'Host: localhost\r\n\r\n'.encode())
        assert connection.recv(1000)
    content = visitor.ask(f'/jobs/{job_id}/result')[2]
    assert len(content) == 3_000_010


def test_a_full_disk_is_said(serving, folder, monkeypatch):
    monkeypatch.setattr('pathlib.Path.open', full_disk)
    status, said = serving().told(upload_path('a.mp4'), 'POST', b'x')
    monkeypatch.undo()
    assert status == 503, said
    assert 'no space left on the server' in said['error']
    assert not any(folder.iterdir())


def full_disk(path, *mode):
    if path.name != 'rainy.mp4':
        return open(path, *mode)
    return open('/dev/full', 'wb')


def test_no_path_of_the_server_is_told(serving):
    visitor = serving()
    said = visitor.until(visitor.upload(b'refuse', 'mine.mkv'), 'failed')
    assert said['error'] == 'mine.mkv: expected a video. Not mine.mkv.'


def test_a_fault_is_told_to_both(serving, said, monkeypatch):
    visitor = serving()
    job_id = visitor.upload(b'rain')
    monkeypatch.setattr('mmderain.serve.job.Job.described', None)
    status, answer = visitor.told(f'/jobs/{job_id}')
    assert status == 500 and 'fault of mmderain' in answer['error']
    assert 'Traceback' in said[0]


def test_what_there_is_not(serving):
    visitor = serving()
    for path in ('/page', '/jobs', '/../setup.py', '/jobs/x/../../y',
                 '/page/index.html', '/%2e%2e/app.py', '/jobs/' + 'a' * 32):
        assert visitor.ask(path)[0] in (404, 405), path
    assert visitor.ask('/about', 'OPTIONS')[0] == 405
    job_id = visitor.upload(b'wait /dev/null')
    assert visitor.ask(f'/jobs/{job_id}/result')[0] == 404
