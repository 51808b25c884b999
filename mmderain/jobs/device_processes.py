"""A process for each device, each with the derainer, doing what it is told.

The devices' own libraries hold a lock while they work, so threads would wait
for each other. Whatever happens to one process, all of them end: a video with
holes is of no use. What they have finished stays.
"""

import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import connection, current_process, get_context
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from mmderain.backends import find_backend, limit_threads
from mmderain.errors import UserError, as_user_error
from mmderain.jobs.devices import check_devices
from mmderain.jobs.workers import OwnProcess, Progress, Result, Task, Work
from mmderain.processes import (
    SECONDS_TO_NOTICE,
    StopSignal,
    deaf_to_ctrl_c,
    end_with_parent,
    stop_if_asked,
)
from mmderain.restorer import Restorer, Tile


class _Ready(NamedTuple):
    free_memory: int


class _Frames(NamedTuple):
    count: int


class _Note(NamedTuple):
    text: str


class _Done(NamedTuple):
    result: Any


# What a process sends; an error is raised where it is received.
_Message = _Ready | _Frames | _Note | _Done | Exception
# for closing files; a fragment of them can be played in any case
_SECONDS_TO_STOP = 10


def workers_on(devices: Sequence[str], restorer: Restorer
               ) -> 'DeviceProcesses | OwnProcess':
    """A process for each of several devices; else this process does it all.

    Raises:
        UserError: There are no such devices.
    """
    if devices:
        check_devices(devices)
    if len(devices) > 1:
        return DeviceProcesses(restorer, devices)
    return OwnProcess(restorer)


class DeviceProcesses:
    """Workers with a process for each device; see ``Workers``.

    Args:
        restorer: Each gets one like it; itself does nothing.
        devices: 'cuda:0', 'cpu' and the like. One may be there more than
            once; its memory, or the CPU's threads, are then shared.
    """

    def __init__(self, restorer: Restorer,
                 devices: Sequence[str]) -> None:
        self.restorer = restorer
        self.devices = tuple(devices)
        self.size = len(self.devices)
        self._processes: list[BaseProcess] = []
        self._pipes: list[connection.Connection] = []
        self._free = 0

    def __enter__(self) -> 'DeviceProcesses':
        context = get_context('spawn')
        sharers = Counter(self.devices)
        name, *_ = self.restorer.computing.names
        threads = max(1, find_backend(name).threads() // self.size)
        try:
            # what comes of Ctrl-C is decided here
            with deaf_to_ctrl_c():
                for device in self.devices:
                    ours, theirs = context.Pipe()
                    process = context.Process(
                        target=_serve, name=f'mmderain on {device}',
                        daemon=True,
                        args=(theirs, self.restorer.builder(
                            device, sharers[device]), threads))
                    process.start()
                    theirs.close()
                    self._processes.append(process)
                    self._pipes.append(ours)
            self._free = min(self._receive(member).free_memory
                             for member in range(self.size))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the processes."""
        self._stop()
        for pipe in self._pipes:
            pipe.close()

    def _stop(self) -> None:
        """End the processes; they close what they were writing."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(_SECONDS_TO_STOP)
            if process.is_alive():
                process.kill()
                process.join()

    def fit_tile(self, height: int, width: int) -> Tile:
        """A tile that fits into the memory of each device."""
        return self.restorer.fit_tile(height, width, self._free)

    def do(self, work: Work, next_task: Callable[[int], Task | None],
           on_result: Callable[[int, Task, Result], None],
           progress: Progress) -> None:
        """Do tasks; see ``Workers``.

        Raises:
            UserError: A task failed, or a process was ended by others.
            KeyboardInterrupt: Of SIGINT, or a ``StopSignal`` around this,
                between two messages.
        """
        doing: dict[int, Task] = {}
        try:
            with StopSignal(signal.SIGINT) as stop:
                try:
                    self._do(doing, work, next_task, on_result, progress,
                             stop)
                except UserError:
                    stop.check()  # the processes may have got it, too
                    raise
        except BaseException:
            self._stop()
            self._keep(doing, on_result)
            raise

    def _do(self, doing: dict[int, Task], work: Work,
            next_task: Callable[[int], Task | None],
            on_result: Callable[[int, Task, Result], None],
            progress: Progress, stop: StopSignal) -> None:

        def give_to_idle() -> None:
            for member in range(self.size):
                if member not in doing:
                    task = next_task(member)
                    if task is not None:
                        doing[member] = task
                        self._send(member, task)

        for member in range(self.size):
            self._send(member, work)
        members = {pipe: member for member, pipe in enumerate(self._pipes)}
        give_to_idle()
        while doing:
            stop.check()
            for pipe in connection.wait(self._pipes, SECONDS_TO_NOTICE):
                member = members[pipe]
                message = self._receive(member)
                if isinstance(message, _Done):
                    on_result(member, doing.pop(member), message.result)
                    # which may be work for those who wait
                    give_to_idle()
                elif isinstance(message, _Frames):
                    progress.frames(message.count)
                else:
                    progress.note(message.text)
        # one that came with the last result
        stop.check()

    def _keep(self, doing: dict[int, Task],
              on_result: Callable[[int, Task, Result], None]) -> None:
        """Take what was finished while something else failed."""
        for member in tuple(doing):
            # whatever is wrong, there is an error on its way already
            with suppress(UserError, EOFError, OSError):
                while self._pipes[member].poll():
                    message = self._pipes[member].recv()
                    if isinstance(message, _Done):
                        on_result(member, doing.pop(member), message.result)

    def _send(self, member: int, content: Any) -> None:
        try:
            self._pipes[member].send(content)
        except OSError:
            while True:
                self._receive(member)  # until what ended it

    def _receive(self, member: int) -> '_Message':
        try:
            message = self._pipes[member].recv()
        except (EOFError, OSError) as error:
            # schedulers send one signal to all processes of a run
            time.sleep(SECONDS_TO_NOTICE)
            stop_if_asked()
            raise self._ended(member) from error
        if isinstance(message, Exception):
            raise message
        return message

    def _ended(self, member: int) -> UserError:
        process = self._processes[member]
        process.join(_SECONDS_TO_STOP)
        code = process.exitcode
        how = (f'was killed by {signal.Signals(-code).name}'
               if code is not None and code < 0
               else f'ended with status {code}')
        return UserError(
            f'the process on {self.devices[member]} (number {member}) {how}; '
            'the system does so where memory is short. The others were '
            'stopped. What was finished is kept: add --resume to continue, '
            'and use smaller tiles or fewer devices if it happens again.')


def _serve(pipe: connection.Connection, build: Callable[[], Restorer],
           threads: int) -> None:
    """What a process does: tasks, until it is stopped."""
    try:
        end_with_parent()
        with StopSignal(signal.SIGTERM) as stop:
            limit_threads(threads)
            _do_tasks(pipe, stop, build)
    except (KeyboardInterrupt, EOFError, BrokenPipeError):
        return
    except Exception as error:
        # of a fault of ours, the place where it happened is what counts
        pipe.send(as_user_error(error) or RuntimeError(
            f'in {current_process().name}:\n'
            f'{traceback.format_exc()}'))


def _do_tasks(pipe: connection.Connection, stop: StopSignal,
              build: Callable[[], Restorer]) -> None:

    def receive() -> Any:
        while not pipe.poll(SECONDS_TO_NOTICE):
            stop.check()
        return pipe.recv()

    restorer = build()
    pipe.send(_Ready(restorer.free_memory()))
    work = receive()
    with work.begin(restorer, _PipeProgress(pipe, stop)) as do:
        while True:
            pipe.send(_Done(do(receive())))


class _PipeProgress:
    """Passes on how tasks are getting on."""

    def __init__(self, pipe: connection.Connection, stop: StopSignal) -> None:
        self._pipe, self._stop = pipe, stop

    def frames(self, count: int) -> None:
        self._stop.check()  # once a frame
        self._pipe.send(_Frames(count))

    def note(self, text: str) -> None:
        self._pipe.send(_Note(text))
