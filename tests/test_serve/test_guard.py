"""What other sites make a browser ask is refused."""

import pytest

from tests.helpers.served_page import upload_path

pytest.importorskip('starlette', reason='the extra [serve] is missing')


@pytest.mark.parametrize('host', [
    'localhost', 'LOCALHOST:9', '127.0.0.1:1234', '[::1]:80', '192.168.1.7',
    'box', 'Box:80'])
def test_its_own_names(serving, host):
    assert serving().ask('/about', Host=host)[0] == 200


@pytest.mark.parametrize('host', [
    'evil.example', 'evil.example:8765', '127.0.0.1.evil.example', '',
    'localhost.evil.example', 'localhost@evil.example:x', '[::1', 'box.',
    '0x7f000001'])
def test_names_of_others(serving, host):
    """By DNS they can lead here, and then a page of theirs could read."""
    visitor = serving()
    for path in ('/', '/about', '/jobs/x'):
        status, said = visitor.told(path, Host=host)
        assert status == 403 and 'is not called' in said['error']


@pytest.mark.parametrize('headers', [
    dict(Origin='https://evil.example'), dict(Origin='null'),
    dict(Origin='http://localhost:9'), dict(Origin='http://[::1'),
    dict(Sec_Fetch_Site='cross-site'), dict(Sec_Fetch_Site='same-site')])
def test_other_pages_change_nothing(serving, folder, headers):
    visitor = serving()
    headers['Host'] = 'localhost'
    status, said = visitor.told(upload_path('a.mp4'), 'POST', b'x', **headers)
    assert status == 403 and 'Only the page' in said['error']
    assert not any(folder.iterdir())
    job_id = visitor.upload(b'rain')
    assert visitor.ask(f'/jobs/{job_id}', 'DELETE', **headers)[0] == 403
    assert visitor.state(job_id)


@pytest.mark.parametrize('headers', [
    {}, dict(Origin='http://localhost:77', Sec_Fetch_Site='same-origin')])
def test_its_own_page_may(serving, headers):
    assert serving().ask(upload_path('a.mp4'), 'POST', b'rain',
                         Host='localhost:77', **headers)[0] == 201


def test_no_other_page_may_show_or_read_it(serving):
    _, headers, _ = serving().ask('/about', Origin='https://evil.example')
    assert 'Access-Control-Allow-Origin' not in headers
    assert headers['Cross-Origin-Resource-Policy'] == 'same-origin'
    assert "frame-ancestors 'none'" in headers['Content-Security-Policy']
