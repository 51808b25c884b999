"""One worker of Ray, and what it has been asked to do."""

from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import NodeDiedError, OutOfMemoryError, RayError

from mmderain.fleet.cluster import Room
from mmderain.fleet.server import Server, Setup

# one thread does tasks, the other says how they get on
_THREADS = 2
_SECONDS = 10  # for an answer that takes no work


@dataclass
class Order:
    """A task, and what has become of it so far.

    Args:
        task: The task.
        losses: How many workers were lost with it.
        refused_by: Names of the workers that cannot do it.
        reason: Why it is not done yet.
    """

    task: Any
    losses: int = 0
    refused_by: set[int] = field(default_factory=set)
    reason: str = ''


class Member:
    """A worker.

    Args:
        number: Its place among the others; another one takes it when it is
            lost.
        name: That no other one has.
        setup: How it is made.
        room: What it takes.
        failed_starts: How many were lost in this place before they were
            ready, one after the other.
    """

    def __init__(self, number: int, name: int, setup: Setup, room: Room,
                 failed_starts: int = 0) -> None:
        self.number, self.name = number, name
        self.failed_starts = failed_starts
        self.place = 'a worker'
        self.is_ready = False
        self.order: Order | None = None
        self.frames = 0  # told of the order
        self._actor = ray.remote(Server).options(
            num_cpus=room.cores, num_gpus=int(room.device == 'cuda'),
            max_concurrency=_THREADS).remote(setup)
        # what it is doing, and what it says of that
        self.doing = self._actor.ready.remote()
        self.telling: Any = None

    def give(self, order: Order, number: int, work: Any) -> None:
        """Let it do a task; see :class:`~mmderain.fleet.server.Server`."""
        self.order, self.frames = order, 0
        self.doing = self._actor.do.remote(number, work, order.task)

    def ask(self) -> None:
        """Ask how its task gets on."""
        if self.order is not None and self.telling is None:
            self.telling = self._actor.told.remote()

    def heard(self) -> Any:
        """What it says of that; None if it is lost.

        It answers beside its work, and so at once.
        """
        telling, self.telling = self.telling, None
        try:
            return telling and ray.get(telling, timeout=_SECONDS)
        except RayError:
            return None  # which is seen in what it does

    def stop(self) -> Any:
        """Ask it to end its task; returns what to wait for."""
        self._actor.stop.remote()
        return self.doing

    def end(self) -> None:
        """End it, also where it is only out of reach."""
        ray.kill(self._actor)


def how(error: RayError) -> str:
    """How a worker was lost, in a few words."""
    if isinstance(error, OutOfMemoryError):
        return 'it was killed, as its machine had too little memory'
    if isinstance(error, NodeDiedError):
        return 'its machine is gone'
    lines = [line.strip() for line in str(error).splitlines()]
    # of a package that cannot be imported there, and the like
    said = next((line for line in reversed(lines)
                 if 'Error: ' in line and len(line) < 300), None)
    return said or 'its process has ended'
