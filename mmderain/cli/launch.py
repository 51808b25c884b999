"""Start a script on several GPUs, or on several processes where there is none.

The part of ``tools/dist_train.sh`` and ``tools/dist_test.sh`` that a shell
cannot do well. The processes are torchrun's.
"""

import argparse
import os
import signal
import socket
import sys

from mmderain.cli.common import run
from mmderain.compat import idle_gpu_message
from mmderain.errors import UserError

_DEFAULT_PORT = 29500
_RESUME = ('A training goes on from its last checkpoint with the same command '
           'and --resume.')


def main(argv: list[str] | None = None) -> int:
    """Launch; returns the exit status of the processes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('script', help='Python script to start')
    parser.add_argument('processes', type=int, help='GPUs, or processes')
    parser.add_argument('arguments', nargs=argparse.REMAINDER)
    args = parser.parse_args(argv)
    return run(lambda: launch(args.script, args.processes, args.arguments))


def launch(script: str, processes: int, arguments: list[str]) -> int:
    """Start ``script`` in ``processes`` processes on this node.

    The environment variables NNODES, NODE_RANK, MASTER_ADDR and PORT work as
    in MMagic's scripts.

    Args:
        script: Path of a Python script that takes ``--launcher``.
        processes: How many.
        arguments: For the script.

    Raises:
        UserError: More GPUs than there are, or the port is in use.
    """
    if processes < 1:
        raise UserError(f'{processes} processes were asked for, at least 1 '
                        'is needed.')
    # takes seconds to import
    from torch.distributed import run as torchrun
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import (
        ChildFailedError,
    )

    threads = _check_devices(processes)
    os.environ.setdefault('OMP_NUM_THREADS', str(threads))
    nodes = int(os.environ.get('NNODES', 1))
    options = torchrun.parse_args([
        f'--nnodes={nodes}',
        f'--node_rank={os.environ.get("NODE_RANK", 0)}',
        f'--master_addr={os.environ.get("MASTER_ADDR", "127.0.0.1")}',
        f'--master_port={_port(nodes)}',
        f'--nproc_per_node={processes}',
        script, *arguments, '--launcher', 'pytorch'])
    try:
        torchrun.run(options)
    except ChildFailedError as error:
        _, failure = error.get_first_failure()
        # one that was ended from outside takes others with it, which torchrun
        # ends by SIGTERM
        failure = next((item for item in error.failures.values()
                        if item.exitcode < 0
                        and item.exitcode != -signal.SIGTERM), failure)
        if failure.exitcode > 0:  # it has said why itself
            return failure.exitcode
        _tell_death(failure.local_rank, processes, -failure.exitcode)
        return 128 - failure.exitcode
    except SignalException as error:
        print(f'stopped by {error.sigval.name}, with all processes. '
              f'{_RESUME}', file=sys.stderr, flush=True)
        return 128 + error.sigval
    return 0


def _tell_death(rank: int, processes: int, number: int) -> None:
    """Say that a process was ended from outside; it could not itself."""
    name = signal.Signals(number).name
    cause = {
        signal.SIGKILL: 'by somebody, or by the system for lack of memory',
        signal.SIGBUS: 'as a disk or shared memory is full',
    }.get(number, 'by somebody, or by a fault of a library')
    print(f'error: process {rank} of {processes} (counted from 0) was ended '
          f'by {name}: {cause}. The others were stopped. {_RESUME}',
          file=sys.stderr, flush=True)


def _check_devices(processes: int) -> int:
    """Refuse what cannot run; return the CPU threads for each process."""
    import torch

    gpus = torch.cuda.device_count()
    cores = len(os.sched_getaffinity(0))
    if gpus and processes > gpus:
        visible = os.environ.get('CUDA_VISIBLE_DEVICES')
        reason = (f' (CUDA_VISIBLE_DEVICES={visible})' if visible else '')
        raise UserError(f'{processes} GPUs were asked for, there are '
                        f'{gpus}{reason}.')
    threads = max(1, cores // processes)
    if not gpus:
        message = idle_gpu_message()
        if message:
            print(f'WARNING: {message}', file=sys.stderr, flush=True)
        print(f'No GPU: {processes} process(es) on the CPU (gloo), '
              f'{threads} of {cores} cores each', file=sys.stderr, flush=True)
    return threads


def _port(nodes: int) -> int:
    """The port asked for, or a free one; several nodes have to agree."""
    wanted = os.environ.get('PORT')
    if wanted is None and nodes == 1:
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            return probe.getsockname()[1]
    port = int(wanted or _DEFAULT_PORT)
    if int(os.environ.get('NODE_RANK', 0)) == 0:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(('', port))
            except OSError as error:
                raise UserError(
                    f'Port {port} is in use; set PORT to another one (or '
                    'leave PORT out on a single node).') from error
    return port


if __name__ == '__main__':
    sys.exit(main())
