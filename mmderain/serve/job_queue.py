"""The jobs of all visitors, some at a time."""

import asyncio
import json
import secrets
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from mmderain.errors import explain, fault
from mmderain.jobs.archive_list import output_name
from mmderain.serve.job import Job, State
from mmderain.serve.job_process import run_job_process
from mmderain.serve.limits import Limits, known_suffix

_TARGET = 'clean'
# with before and after side by side, a picture has twice the pixels
_SIDES = 2


class JobQueue:
    """Runs jobs in their order and forgets them after a while.

    All of it is called within one loop of asyncio.

    Args:
        folder: Gets a folder for each job.
        limits: Of each, and of their number.
        at_once: Jobs that run at the same time.
        program: Does a job; see ``mmderain/cli/serve_job.py``.
        say: Told what whoever runs the server should know.
        environment: Variables of the program, beside those of this process.
        log: Told of each job that is over, in a line, with no name of a
            visitor's; None for nobody.
    """

    def __init__(self, folder: Path, limits: Limits, at_once: int,
                 program: Sequence[str], say: Callable[[str], object],
                 environment: Mapping[str, str] | None = None,
                 log: Callable[[str], object] | None = None) -> None:
        self.limits, self.say, self._log = limits, say, log
        self._folder, self._program = folder, tuple(program)
        self._environment = {
            **(environment or {}),
            # a picture of more is refused before it takes memory
            'OPENCV_IO_MAX_IMAGE_PIXELS': str(_SIDES * limits.pixels)}
        self._turns = asyncio.Semaphore(at_once)
        self._jobs: dict[str, Job] = {}  # in the order of their uploads
        self._tasks: dict[str, asyncio.Task] = {}

    def find(self, job_id: str) -> Job | None:
        """The job that its visitor asks for."""
        return self._jobs.get(job_id)

    def before(self, job: Job) -> int:
        """How many jobs wait or run before one that waits."""
        if job.state is not State.WAITING:
            return 0
        queued = [other for other in self._jobs.values()
                  if other.id in self._tasks and not other.state.is_over]
        return queued.index(job)

    def open(self, name: str, options: tuple[str, ...]) -> Job:
        """A job whose file is about to be uploaded.

        Args:
            name: What the visitor calls the file.
            options: Of ``mmderain derain``.

        Raises:
            DataError: It is no file that we read.
            NoSpaceError: There are too many jobs.
            OSError: Its folder cannot be made.
        """
        suffix = known_suffix(name)
        self.limits.check_jobs(sum(
            not job.state.is_over for job in self._jobs.values()))
        job_id = secrets.token_hex(16)  # that nobody can guess
        job = Job(job_id, name, self._folder / job_id,
                  output_name(Path(f'{_TARGET}{suffix}')), options)
        job.folder.mkdir()
        self._jobs[job.id] = job
        return job

    def submit(self, job: Job) -> None:
        """The file is there: the job waits for its turn."""
        job.state = State.WAITING
        # jobs go on in the order in which they are submitted
        self._jobs[job.id] = self._jobs.pop(job.id)
        self._tasks[job.id] = asyncio.create_task(self._run(job))

    async def forget(self, job: Job) -> None:
        """End a job wherever it is, and clear all of it."""
        self._jobs.pop(job.id, None)
        task = self._tasks.pop(job.id, None)
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await asyncio.to_thread(shutil.rmtree, job.folder, True)

    async def close(self) -> None:
        """End all jobs."""
        await asyncio.gather(*map(self.forget, [*self._jobs.values()]))

    async def _run(self, job: Job) -> None:
        """Wait, work, and keep the result for a while."""
        async with self._turns:
            began = time.monotonic()
            await self._work(job)
        if self._log is not None:
            self._log(_line_of(job, time.monotonic() - began))
        await asyncio.to_thread(_keep_result, job)
        await asyncio.sleep(60 * self.limits.keep_minutes)
        del self._jobs[job.id], self._tasks[job.id]
        await asyncio.to_thread(shutil.rmtree, job.folder, True)

    async def _work(self, job: Job) -> None:
        job.state = State.RUNNING
        command = (*self._program, job.source.name, job.result_name,
                   json.dumps(asdict(self.limits)), '--', *job.options)
        try:
            async with asyncio.timeout(60 * self.limits.minutes):
                job.end(await run_job_process(
                    command, job.folder, self._environment, job.hear,
                    self.say))
        except TimeoutError:
            job.fail(str(self.limits.out_of_time()))
        except Exception as error:  # one job shall not end the others
            self.say(explain(error) or fault(error))
            job.fail('The server could not do this job, and has said why to '
                     'those who run it.')


def _line_of(job: Job, seconds: float) -> str:
    """What became of a job, for a log."""
    frames = (job.report or {}).get('frames')
    done = '' if frames is None else f', {frames} frames'
    size = job.source.stat().st_size / 1e6 if job.source.is_file() else 0
    return (f'{datetime.now():%Y-%m-%d %H:%M:%S} a {job.source.suffix} of '
            f'{size:.1f} MB: {job.state}{done}, {seconds:.1f} s')


def _keep_result(job: Job) -> None:
    """Remove what was needed for the work alone."""
    kept = {job.result, job.view} if job.state is State.DONE else set()
    for path in job.folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path not in kept:
            path.unlink(missing_ok=True)
