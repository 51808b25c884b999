"""The page of ``mmderain serve`` on this machine, and who visits it."""

import http.client
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mmderain.serve.limits import Limits

FAKE_JOB = (sys.executable, '-I', '-S',
            str(Path(__file__).with_name('fake_job.py')))
CHOICES = {'all': (), 'streaks': ('--remove', 'streaks')}


class Visitor:
    """Asks a server.

    Args:
        port: Of the server.
    """

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, method: str = 'GET', body: Any = None,
            **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and content of an answer."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port,
                                                timeout=60)
        try:
            connection.request(method, path, body, {
                name.replace('_', '-'): value
                for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def told(self, *question: Any, **headers: str) -> tuple[int, Any]:
        """Status, and what is said in JSON."""
        status, _, content = self.ask(*question, **headers)
        return status, json.loads(content) if content else None

    def upload(self, content: Any, name: str = 'rainy.mp4',
               choice: str | None = None) -> str:
        """The id of a job whose file is taken."""
        status, said = self.told(upload_path(name, choice), 'POST', content)
        assert status == 201, said
        return said['id']

    def state(self, job_id: str) -> dict:
        """What is said of a job."""
        status, said = self.told(f'/jobs/{job_id}')
        assert status == 200, said
        return said

    def until(self, job_id: str, *states: str) -> dict:
        """What is said of a job that has come so far."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            said = self.state(job_id)
            if said['state'] in states:
                return said
            time.sleep(.02)
        raise AssertionError(said)


def upload_path(name: str, choice: str | None = None) -> str:
    """To which a file is sent."""
    chosen = '' if choice is None else f'&choice={quote(choice)}'
    return f'/jobs?name={quote(name)}{chosen}'


@contextmanager
def served_page(folder: Path, said: list[str], limits: Limits,
                at_once: int, log: list[str] | None = None
                ) -> Iterator[Visitor]:
    """A server in this process whose jobs are quick.

    Args:
        folder: Of its files.
        said: Gets what whoever runs it is told.
        limits: Of the jobs.
        at_once: How many run at the same time.
        log: Gets a line for each job that is over.
    """
    import uvicorn

    from mmderain.cli.serve import listening_at, server_of
    from mmderain.serve.app import make_app
    from mmderain.serve.job_queue import JobQueue

    queue = JobQueue(folder, limits, at_once, FAKE_JOB, said.append,
                     log=None if log is None else log.append)
    with listening_at('127.0.0.1', 0) as listening:
        server: uvicorn.Server = server_of(make_app(queue, CHOICES, ['box']))
        thread = threading.Thread(target=server.run,
                                  kwargs=dict(sockets=[listening]))
        thread.start()
        try:
            yield Visitor(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()
