"""A cluster of Ray: one that is there, or one on this machine for this run."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import NamedTuple

from mmderain.backends.machine import cores
from mmderain.errors import UserError

_CORES = 2  # of a worker
_OBJECTS = 100 << 20  # bytes; little but tasks and results goes through Ray
_SECONDS = 10  # for somebody to answer
_STARTS = 3  # where this machine is so busy that Ray gives up after 30 s
_SILENT = {
    # nobody is told of this run
    'RAY_USAGE_STATS_ENABLED': '0',
    # a worker on the CPU names its device itself
    'RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO': '0'}


class Room(NamedTuple):
    """What a cluster has for workers.

    Args:
        workers: How many there shall be.
        together: On one machine, at most.
        cores: Of each.
        device: Of each, 'cpu' or 'cuda'.
    """

    workers: int
    together: int
    cores: int
    device: str


@dataclass(frozen=True)
class Cluster:
    """Which cluster, and what is wanted of it.

    Args:
        address: As Ray takes it; None for one on this machine, which ends
            with this process.
        workers: How many; None for as many as there is room for.
        cores: Of each worker; None for two, or what the machines have.
        device: 'cpu' or 'cuda'; None for GPUs where there are some.
    """

    address: str | None = None
    workers: int | None = None
    cores: int | None = None
    device: str | None = None

    @contextmanager
    def joined(self) -> Iterator[Room]:
        """Take part in it.

        Raises:
            UserError: It is not there, or has no room for a worker.
        """
        for name, value in _SILENT.items():
            os.environ.setdefault(name, value)
        import ray

        # which would say on standard output, in its own words, what is told
        # here; see ray.util.rpdb, which silences it likewise
        ray._private.worker._worker_logs_enabled = False
        # it handles this signal in a way of its own
        before = signal.getsignal(signal.SIGTERM)
        for left in reversed(range(1 if self.address else _STARTS)):
            try:
                self._init(ray)
                break
            # which is of many kinds
            except Exception as error:
                ray.shutdown()
                if not left:
                    raise self._no_cluster(error) from error
        signal.signal(signal.SIGTERM, before)
        try:
            yield self.room(ray.nodes())
        finally:
            ray.shutdown()

    def _init(self, ray: ModuleType) -> None:
        common = dict(log_to_driver=False, logging_level='ERROR')
        if self.address is None:
            ray.init('local', num_cpus=cores(), include_dashboard=False,
                     object_store_memory=_OBJECTS, **common)
        else:
            self._call()
            ray.init(self.address, **common)

    def _call(self) -> None:
        """See whether somebody is there, for whom Ray would wait minutes.

        Raises:
            OSError: Nobody is.
        """
        host, _, port = self.address.rpartition(':')
        if host and port.isdecimal():
            socket.create_connection((host, int(port)), _SECONDS).close()

    def _no_cluster(self, error: Exception) -> UserError:
        said = _first_line(error)
        if self.address is None:
            return UserError(f'Ray cannot start on this machine: "{said}". '
                             'Try again when it has less to do, or give '
                             'videos to processes of it: --devices cpu,cpu.')
        return UserError(
            f'--address {self.address}: expected a cluster of Ray that '
            f'answers, got "{said}". Start one (ray start --head), fix the '
            'address, or leave it out for one on this machine.')

    def room(self, nodes: list[dict]) -> Room:
        """What machines have for workers, as Ray describes them.

        Raises:
            UserError: It is less than is wanted.
        """
        machines = [node['Resources'] for node in nodes if node['Alive']]
        has_gpu = any(machine.get('GPU') for machine in machines)
        device = self.device or ('cuda' if has_gpu else 'cpu')
        most = max(int(machine.get('CPU', 0)) for machine in machines)
        wanted = self.cores or max(1, min(_CORES, most))
        held = [int(min(machine.get('CPU', 0) // wanted,
                        machine.get('GPU', 0) if device == 'cuda'
                        else float('inf'))) for machine in machines]
        if not any(held) and not (self.workers and self.address):
            raise UserError(
                f'--worker-cores {wanted}: expected a machine with so '
                f'many cores{" and a GPU" if device == "cuda" else ""} in the '
                f'cluster, which has {len(machines)}, with {most} cores at '
                'most. Say fewer.')
        workers = self.workers or sum(held)
        if self.address is None and workers > sum(held):
            raise UserError(
                f'--workers {workers}: expected {sum(held)} at most, of '
                f'{wanted} cores each (--worker-cores), on this machine. '
                'Say fewer of one or the other.')
        return Room(workers, max([*held, 1]), wanted, device)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
