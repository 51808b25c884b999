"""Workers of Ray, on one machine or on many.

Ray finds a place for each, carries tasks and results, and notices when a
worker or its machine is lost. What was lost is given to whoever is free next,
while Ray looks for a place for another worker.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from mmderain.errors import UserError, as_user_error
from mmderain.fleet.cluster import Cluster, Room
from mmderain.fleet.ray_member import Member, Order, how
from mmderain.fleet.server import Done, Ready, Setup, Told
from mmderain.jobs.display import NOBODY, ignore
from mmderain.jobs.workers import Progress, Result, Task, Work
from mmderain.processes import SECONDS_TO_NOTICE, StopSignal
from mmderain.restorer import Restorer, Tile

_TRIES = 3  # of a task whose workers are lost, and of starting a worker
_SECONDS = .5  # between two questions how a task gets on
_SECONDS_TO_STOP = 10
_PATIENCE = 600  # seconds without room for any worker


@contextmanager
def ray_workers(cluster: Cluster, restorer: Restorer
                ) -> Iterator['RayWorkers']:
    """Workers in a cluster, as long as this is entered.

    Args:
        cluster: Which one.
        restorer: Each gets one like it; itself does nothing.

    Raises:
        UserError: There is no such cluster, or no room in it.
    """
    with cluster.joined() as room:
        workers = RayWorkers(room, restorer)
        try:
            yield workers
        finally:
            workers.stop()


class RayWorkers:
    """See ``Workers``, and :func:`ray_workers`."""

    def __init__(self, room: Room, restorer: Restorer) -> None:
        self.size, self.device = room.workers, room.device
        self._room, self._restorer = room, restorer
        on_cpu = room.device == 'cpu'
        self._setup = Setup(
            restorer.builder_elsewhere(room.device,
                                       room.together if on_cpu else 1),
            restorer.known_by, room.cores if on_cpu else None, os.getcwd())
        self._names, self._works = count(), count()
        self._free: list[int] = []
        self.members: list[Member] = []
        for number in range(self.size):
            self._start(number)

    def renew(self, member: Member, failed_starts: int = 0) -> None:
        """Put another worker in the place of one."""
        member.end()
        self.members.remove(member)
        self._start(member.number, failed_starts)

    def _start(self, number: int, failed_starts: int = 0) -> None:
        self.members.append(Member(number, next(self._names), self._setup,
                                   self._room, failed_starts))

    def welcome(self, member: Member, ready: Ready) -> None:
        """Note a worker that is ready."""
        member.is_ready, member.place = True, ready.place
        self._free.append(ready.free_memory)

    def stop(self) -> None:
        """End all workers, whatever they do, after they could tidy."""
        busy = [member.stop() for member in self.members if member.order]
        if busy:
            ray.wait(busy, num_returns=len(busy), timeout=_SECONDS_TO_STOP)
        for member in self.members:
            member.end()

    def fit_tile(self, height: int, width: int) -> Tile:
        """A tile that fits into the memory of those that are ready.

        Raises:
            UserError: None gets ready.
            KeyboardInterrupt: As of :meth:`do`.
        """
        run = _Run(self, lambda number: None, ignore, NOBODY, _refuse)
        self._wait(run, lambda: not self._free)
        return self._restorer.fit_tile(height, width, min(self._free))

    def do(self, work: Work, next_task: Callable[[int], Task | None],
           on_result: Callable[[int, Task, Result], None],
           progress: Progress) -> None:
        """Do tasks; see ``Workers``.

        A task that a worker refuses, or is lost with it, is done by another.
        What none can do has the result ``work.given_up(reason)``, if the work
        has such a thing.

        Raises:
            UserError: A task failed, or no worker is left.
            KeyboardInterrupt: Of SIGINT, or a ``StopSignal`` around this.
        """
        run = _Run(self, next_task, on_result, progress,
                   getattr(work, 'given_up', _refuse))
        number, shared = next(self._works), ray.put(work)
        try:
            self._wait(run, lambda: run.give(number, shared))
        except Exception:
            # what the others are doing is wanted no more, and would be taken
            # for a result of what comes next
            for member in list(self.members):
                if member.order is not None:
                    self.renew(member)
            raise

    def _wait(self, run: '_Run', is_wanted: Callable[[], bool]) -> None:
        with StopSignal(signal.SIGINT) as stop:
            waited = time.monotonic()
            while is_wanted():
                stop.check()
                if any(member.order for member in self.members):
                    waited = time.monotonic()
                elif (time.monotonic() - waited > _PATIENCE
                      and not run.give_up_refused()):
                    raise UserError(
                        f'the cluster has had no room for a worker of '
                        f'{self._room.cores} cores for {_PATIENCE} s. Start '
                        'machines, or say fewer --worker-cores. What was '
                        'finished is kept; the same command goes on.')
                run.look()
            # one that came with the last result
            stop.check()


def _refuse(reason: str) -> None:
    raise UserError(reason)


class _Run:
    """Tasks of one work, and who does them."""

    def __init__(self, workers: RayWorkers,
                 next_task: Callable[[int], Task | None],
                 on_result: Callable[..., None], progress: Progress,
                 given_up: Callable[[str], Any]) -> None:
        self._workers, self._members = workers, workers.members
        self._next_task, self._on_result = next_task, on_result
        self._progress, self._given_up = progress, given_up
        self._again: list[Order] = []
        self._asked = time.monotonic()

    def give(self, number: int, work: Any) -> bool:
        """Give tasks to who is free; whether there is something to wait for.
        """
        for member in self._members:
            if member.is_ready and member.order is None:
                order = self._order(member)
                if order is not None:
                    member.give(order, number, work)
        self._give_up_refused(self._members)
        return bool(self._again) or any(
            member.order for member in self._members) or not any(
                member.is_ready for member in self._members)

    def give_up_refused(self) -> bool:
        """Give up what all that are ready refuse; whether there was any."""
        ready = [member for member in self._members if member.is_ready]
        return bool(ready) and self._give_up_refused(ready)

    def _give_up_refused(self, members: list[Member]) -> bool:
        refused = [order for order in self._again if order.refused_by >= {
            member.name for member in members}]
        for order in refused:
            self._again.remove(order)
            self._give_up(order)
        return bool(refused)

    def _order(self, member: Member) -> Order | None:
        for order in self._again:
            if member.name not in order.refused_by:
                self._again.remove(order)
                return order
        task = self._next_task(member.number)
        return None if task is None else Order(task)

    def look(self) -> None:
        """Wait a moment, and take what has come."""
        if time.monotonic() - self._asked > _SECONDS:
            self._asked = time.monotonic()
            for member in self._members:
                member.ask()
        waiting = {member.telling: member for member in self._members
                   if member.telling is not None}
        waiting |= {member.doing: member for member in self._members
                    if member.doing is not None}
        found, _ = ray.wait(list(waiting), timeout=SECONDS_TO_NOTICE)
        for reference in found:
            member = waiting[reference]
            self._hear(member)
            if reference is member.doing:
                self._take(member)

    def _hear(self, member: Member) -> None:
        told = member.heard()
        if told is not None:
            self._count(member, told)

    def _count(self, member: Member, told: Told) -> None:
        member.frames += told.frames
        self._progress.frames(told.frames)
        for note in told.notes:
            self._progress.note(note)

    def _take(self, member: Member) -> None:
        doing, member.doing = member.doing, None
        order, member.order = member.order, None
        try:
            said = ray.get(doing)
        except RayTaskError as error:
            self._fail(member, order, error)
        except RayError as error:
            self._lose(member, order, how(error))
        else:
            if isinstance(said, Ready):
                self._workers.welcome(member, said)
                return
            self._count(member, said.told)
            member.failed_starts = 0
            if isinstance(said, Done):
                self._on_result(member.number, order.task, said.result)
                return
            order.refused_by.add(member.name)
            order.reason = said.reason
            self._progress.note(f'{member.place}: {said.reason} Another '
                                'worker tries it.')
            self._again.append(order)

    def _fail(self, member: Member, order: Order | None, error: RayTaskError
              ) -> None:
        """An error of the task; or a worker cannot be on its machine."""
        known = as_user_error(error.cause)
        if order is not None or known is None:
            # of a fault of ours, the place where it happened is what counts
            raise known or RuntimeError(str(error))
        self._drop(member, str(known))

    def _lose(self, member: Member, order: Order | None, why: str) -> None:
        """A worker was lost: another one takes its place."""
        self._progress.frames(-member.frames)
        if order is None and member.failed_starts + 1 >= _TRIES:
            self._drop(member, why)
            return
        self._workers.renew(member, member.failed_starts + (order is None))
        if order is None:
            return
        self._progress.note(
            f'lost: {member.place} ({why}); what it did is done again')
        order.losses += 1
        order.reason = (f'{_TRIES} workers were lost while they worked on it '
                        f'({why})')
        if order.losses < _TRIES:
            self._again.append(order)
        else:
            self._give_up(order)

    def _drop(self, member: Member, why: str) -> None:
        """Go on without a worker."""
        member.end()
        self._members.remove(member)
        if not self._members:
            raise UserError(f'No worker can start: {why}')
        self._progress.note(f'one worker less: {why}')

    def _give_up(self, order: Order) -> None:
        self._on_result(-1, order.task, self._given_up(order.reason))
