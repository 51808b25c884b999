"""The process of a job: started, listened to, ended."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

_LONGEST_LINE = 1 << 20
_SECONDS_TO_END = 10.0


async def run_job_process(
        command: Sequence[str], folder: Path, environment: dict[str, str],
        hear: Callable[[dict[str, Any]], object],
        say: Callable[[str], object]) -> int:
    """Run a program that tells in JSON how it is getting on.

    Where the caller is cancelled, the program is ended.

    Args:
        command: The program and its arguments.
        folder: It runs in.
        environment: Variables beside those of this process.
        hear: Told each line.
        say: Told what else it prints, such as the traceback of a fault.

    Returns:
        int: Its status, the negative number of a signal that ended it.
    """
    async with _running(command, folder, environment) as process:
        async for text in process.stderr:
            try:
                hear(json.loads(text))
            except ValueError:
                say(_printable(text))
        return await process.wait()


@asynccontextmanager
async def _running(command: Sequence[str], folder: Path,
                   environment: dict[str, str]
                   ) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, **environment},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE, limit=_LONGEST_LINE,
        start_new_session=True)  # Ctrl-C is for the server
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask it to end, and do not ask for ever."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_SECONDS_TO_END):
            await process.communicate()  # a full pipe would hold it up
    except TimeoutError:
        with suppress(ProcessLookupError):
            # with the processes that it has started
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _printable(text: bytes) -> str:
    """Without what a terminal would take for commands."""
    return ''.join(letter if letter.isprintable() else ' '
                   for letter in text.decode(errors='replace').rstrip())
