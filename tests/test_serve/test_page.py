"""The page in a browser, as a person uses it."""

import numpy as np
import pytest

from tests.helpers import browser as browsers
from tests.helpers.served_page import Visitor
from tests.helpers.videos import write_video

pytest.importorskip('starlette', reason='the extra [serve] is missing')
pytestmark = pytest.mark.skipif(
    not browsers.is_there(), reason='chromium or chromedriver is missing')
# of the first card
STATUS = "document.querySelector('.status')?.textContent"
DONE = f"{STATUS}?.startsWith('done')"
PIXELS = ("((canvas, x) => canvas.getContext('2d').getImageData(x * canvas"
          ".width, canvas.height / 2, 1, 1).data.slice(0, 3).join())"
          "(document.querySelector('canvas'), {})")


@pytest.fixture(scope='module')
def browser(tmp_path_factory):
    with browsers.opened_browser(tmp_path_factory.mktemp('profile')) as found:
        yield found


@pytest.fixture
def visit(serving, browser):
    """Opens the page of a server; returns the server."""
    def start(**limits) -> Visitor:
        visitor = serving(**limits)
        browser.complaints()
        browser.open(f'http://127.0.0.1:{visitor.port}/')
        browser.until("document.querySelector('input[name=choice]')")
        return visitor
    return start


@pytest.fixture
def shown(tmp_path):
    """What the quick jobs show as it is: dark, light, and a map of drops."""
    image = np.hstack([np.full((48, 64, 3), level, np.uint8)
                       for level in (60, 160, 255)])
    return write_video(tmp_path / '<img src=x onerror=alert(1)>.mp4',
                       [image] * 30)


def move(browser, query, value):
    browser.value(f"(item => {{ item.value = {value}; item.dispatchEvent("
                  f"new Event('input')) }})(document.querySelector("
                  f"'{query}'))")


def levels(browser, part):
    return [int(level) for level in
            browser.value(PIXELS.format(part)).split(',')]


def test_a_video_is_compared_and_offered(visit, browser, shown, tmp_path):
    visit()
    browser.type('#file', str(shown))
    browser.until(DONE)
    assert browser.value(STATUS) == (
        'done: 9 frames in 2 s; drops on the lens in 3 frames')
    # the name is text
    assert browser.value("document.querySelector('.name').textContent"
                         ) == shown.name
    browser.until(PIXELS.format(.1) + " > '1'")
    assert levels(browser, .2) == pytest.approx([60] * 3, abs=3)
    assert levels(browser, .8) == pytest.approx([160] * 3, abs=3)
    move(browser, '.divider', .1)
    assert levels(browser, .2) == pytest.approx([160] * 3, abs=3)
    browser.click('.drops input')
    red, green, blue = levels(browser, .2)
    assert red > 250 and green < 200 and blue < 200
    move(browser, '.time', .5)
    browser.until("document.querySelector('.clock').textContent == "
                  "'0:00 / 0:01'")
    browser.click('.play')
    browser.until("document.querySelector('.play').textContent == 'Pause'")
    assert browser.value("document.querySelector('.download').getAttribute("
                         "'href')").endswith('/result')
    assert not browser.complaints()
    # a reload shows it again
    browser.value('location.reload()')
    browser.until(DONE)


def test_what_is_wrong_is_said(visit, browser, tmp_path):
    visit(megabytes=1)
    (tmp_path / 'large.mp4').write_bytes(bytes(1_100_000))
    browser.type('#file', str(tmp_path / 'large.mp4'))
    said = browser.until("document.querySelector('#message').textContent")
    assert said.startswith('large.mp4 is too large: expected 1 MB')
    for name, content, words in (
            ('a.txt', 'x', 'Expected a video or a picture'),
            ('a.mp4', 'refuse', 'a.mp4: expected a video'),
            ('b.mp4', 'crash', 'The process of this job has died')):
        (tmp_path / name).write_text(content)
        browser.type('#file', str(tmp_path / name))
        browser.until(f"{STATUS}?.startsWith('{words}')")


def test_a_job_is_cancelled(visit, browser, tmp_path, folder):
    visit()
    (tmp_path / 'a.mp4').write_text(f'wait {tmp_path / "pid"}')
    browser.type('#file', str(tmp_path / 'a.mp4'))
    browser.until(f"{STATUS}?.startsWith('frame 3 of 9, 1.5 frames/s, "
                  "about 4 s left')")
    browser.click('.job .remove')
    browser.until("!document.querySelector('.job')")


def test_a_server_that_is_gone_is_said(visit, browser, tmp_path, serving):
    visit()
    (tmp_path / 'a.mp4').write_text(f'wait {tmp_path / "pid"}')
    browser.type('#file', str(tmp_path / 'a.mp4'))
    browser.until(f"{STATUS}?.startsWith('frame')")
    serving.stop()
    browser.until(f"{STATUS}?.startsWith('The server does not answer')")
