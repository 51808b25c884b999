"""A browser without a window, where Chromium and its driver are installed."""

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'  # as WebDriver names it
_OPTIONS = ('--headless=new', '--no-sandbox', '--disable-dev-shm-usage',
            '--disable-gpu', '--window-size=1000,1000')


def is_there() -> bool:
    """Whether there is one."""
    return all(map(shutil.which, ('chromium', 'chromedriver')))


class Browser:
    """Does what a person does, by WebDriver.

    Args:
        address: Of the driver.
        folder: Of the profile.
    """

    def __init__(self, address: str, folder: Path) -> None:
        self._address = f'{address}/session'
        settings = {'args': [*_OPTIONS, f'--user-data-dir={folder}']}
        session = self._ask('', capabilities={'alwaysMatch': {
            'goog:chromeOptions': settings,
            'goog:loggingPrefs': {'browser': 'ALL'}}})
        self._address += f'/{session["sessionId"]}'

    def _ask(self, path: str, **said: Any) -> Any:
        request = urllib.request.Request(
            self._address + path, json.dumps(said).encode(),
            {'Content-Type': 'application/json'})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)['value']

    def open(self, address: str) -> None:
        """Go to a page."""
        self._ask('/url', url=address)

    def _element(self, query: str) -> str:
        return self._ask('/element', using='css selector',
                         value=query)[_ELEMENT]

    def type(self, query: str, text: str) -> None:
        """Type into the first element, or name a file for it."""
        self._ask(f'/element/{self._element(query)}/value', text=text)

    def click(self, query: str) -> None:
        """Click the first element."""
        self._ask(f'/element/{self._element(query)}/click')

    def value(self, script: str) -> Any:
        """What an expression is on the page."""
        return self._ask('/execute/sync', script=f'return {script}', args=[])

    def until(self, script: str) -> Any:
        """The same, as soon as it is something."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            found = self.value(script)
            if found:
                return found
            time.sleep(.1)
        raise AssertionError(script)

    def complaints(self) -> list[str]:
        """What the console says is wrong since it was last asked."""
        return [line['message'] for line in self._ask('/se/log',
                                                      type='browser')
                if line['level'] == 'SEVERE']

    def quit(self) -> None:
        """Close it."""
        urllib.request.urlopen(urllib.request.Request(
            self._address, method='DELETE'), timeout=60).close()


@contextmanager
def opened_browser(folder: Path) -> Iterator[Browser]:
    """A browser with a new profile.

    Args:
        folder: Of the profile.
    """
    # it says on which port
    driver = subprocess.Popen(['chromedriver', '--port=0'], text=True,
                              stdout=subprocess.PIPE)
    try:
        line = next(line for line in driver.stdout if 'successfully' in line)
        port = line.strip().rstrip('.').rpartition(' ')[2]
        browser = Browser(f'http://127.0.0.1:{port}', folder)
        try:
            yield browser
        finally:
            browser.quit()
    finally:
        driver.terminate()
        driver.communicate()
