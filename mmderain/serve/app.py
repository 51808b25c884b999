"""What is asked over HTTP, and what is answered."""

import traceback
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
)
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from mmderain.errors import NoSpaceError, UserError, fault
from mmderain.serve.guard import Guard
from mmderain.serve.job import Job, State
from mmderain.serve.job_queue import JobQueue
from mmderain.serve.upload import hear_out, receive

_PAGE = Path(__file__).with_name('page')
_KINDS = {'.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript',
          '.svg': 'image/svg+xml', '.mp4': 'video/mp4', '.png': 'image/png'}
_TRY_LATER = 503


def make_app(queue: JobQueue, choices: Mapping[str, tuple[str, ...]],
             names: Collection[str] = (),
             started: Callable[[], object] = lambda: None) -> Starlette:
    """The server as an ASGI application.

    Args:
        queue: Does the jobs; it is closed when the application ends.
        choices: What a visitor may choose, and the options of ``mmderain
            derain`` for it; the first is the usual one.
        names: Under which the server may be asked for.
        started: Called when it is about to answer.
    """
    @asynccontextmanager
    async def closing_jobs(app: Starlette) -> AsyncIterator[None]:
        started()
        yield
        await queue.close()

    routes = _Routes(queue, choices)
    return Starlette(
        routes=[
            Route('/', _page(_PAGE / 'index.html')),
            *(Route(f'/{path.name}', _page(path))
              for path in sorted(_PAGE.iterdir())),
            Route('/about', routes.about),
            Route('/jobs', routes.upload, methods=['POST']),
            Route('/jobs/{id}', routes.state),
            Route('/jobs/{id}', routes.forget, methods=['DELETE']),
            Route('/jobs/{id}/view', routes.view),
            Route('/jobs/{id}/result', routes.result)],
        middleware=[Middleware(Guard, names=names)],
        exception_handlers={UserError: _refused, HTTPException: _refused,
                            Exception: routes.failed},
        lifespan=closing_jobs)


class _Routes:
    """What is answered about jobs."""

    def __init__(self, queue: JobQueue,
                 choices: Mapping[str, tuple[str, ...]]) -> None:
        self._queue, self._choices = queue, choices

    async def about(self, request: Request) -> Response:
        """What the page says before a file is chosen."""
        limits = self._queue.limits
        return JSONResponse(dict(
            choices=[*self._choices], megabytes=limits.megabytes,
            bytes=limits.bytes, seconds=limits.seconds, size=limits.size,
            minutes=limits.minutes, keep_minutes=limits.keep_minutes))

    async def upload(self, request: Request) -> Response:
        """A file, as the body; its name and what to do with it are said."""
        if request.headers.get('content-type', '').startswith('multipart/'):
            raise UserError(
                'Expected the file itself as the body, got a form. With curl: '
                "--data-binary @rainy.mp4 'http://.../jobs?name=rainy.mp4', "
                'without -F.')
        said = request.query_params
        choice = said.get('choice', next(iter(self._choices)))
        if choice not in self._choices:
            raise UserError(f'Expected one of {", ".join(self._choices)}, got '
                            f'{choice!r}.')
        job = self._queue.open(said.get('name', ''), self._choices[choice])
        try:
            await receive(request, job.source, self._queue.limits)
        except BaseException:  # also where the server is being stopped
            await self._queue.forget(job)
            raise
        self._queue.submit(job)
        return self._described(job, 201)

    async def state(self, request: Request) -> Response:
        """How a job is getting on."""
        return self._described(self._asked_for(request))

    async def forget(self, request: Request) -> Response:
        """End a job, and clear its files."""
        await self._queue.forget(self._asked_for(request))
        return Response(status_code=204)

    async def view(self, request: Request) -> Response:
        """Before, after and drops side by side."""
        job = self._asked_for(request)
        return _file(job.view if job.state is State.DONE else None)

    async def result(self, request: Request) -> Response:
        """The result, to be stored under a name like the upload's."""
        job = self._asked_for(request)
        return _file(job.result if job.state is State.DONE else None,
                     job.download_name)

    async def failed(self, request: Request, error: Exception) -> Response:
        """A fault of ours, which those who run the server are told."""
        self._queue.say(''.join(traceback.format_exception(error)))
        return JSONResponse(dict(error=fault(error)), 500)

    def _asked_for(self, request: Request) -> Job:
        job = self._queue.find(request.path_params['id'])
        if job is None:
            raise HTTPException(404, (
                'There is no such job: results are cleared after '
                f'{self._queue.limits.keep_minutes} minutes, and when the '
                'server ends. Upload the file again.'))
        return job

    def _described(self, job: Job, status: int = 200) -> Response:
        return JSONResponse(job.described(self._queue.before(job)), status)


def _page(path: Path) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        return FileResponse(path, media_type=_KINDS[path.suffix])
    return page


def _file(path: Path | None, download_name: str | None = None) -> Response:
    """A file of ours; where it gets a name, a browser only stores it."""
    if path is None or not path.is_file():
        raise HTTPException(404, 'There is no such file (yet).')
    kind = ('application/octet-stream' if download_name
            else _KINDS[path.suffix])
    return FileResponse(path, media_type=kind, filename=download_name)


async def _refused(request: Request, error: Exception) -> Response:
    """The words of an error, as JSON."""
    if isinstance(error, HTTPException):
        return JSONResponse(dict(error=error.detail), error.status_code,
                            error.headers)
    await hear_out(request)
    return JSONResponse(
        dict(error=str(error)),
        _TRY_LATER if isinstance(error, NoSpaceError) else 400,
        {'Connection': 'close'})
