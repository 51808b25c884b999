"""Where training clips are made: in processes here, or by an engine."""

import argparse
import os
from collections.abc import Callable
from functools import partial

from mmderain.cli.derain_engine import ADDRESS, ENGINES, without_engine
from mmderain.cli.option_types import whole
from mmderain.packages import require_packages
from mmderain.processes import in_processes


def add_spread_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every command that makes clips."""
    parser.add_argument(
        '--workers', type=whole(1, 1024), metavar='N',
        help='processes of one core each (default: one for each core)')
    parser.add_argument(
        '--engine', choices=ENGINES, help='what finds places for them, on '
        'this machine or on many that share a disk')
    parser.add_argument('--address', metavar='HOST:PORT', help=ADDRESS)


def spread_of(args: argparse.Namespace) -> Callable:
    """What calls a function with many items, as these options say.

    Returns:
        Callable: As :func:`~mmderain.processes.in_processes`, whose number
        of workers is set.

    Raises:
        UserError: Options do not fit each other.
        PackagesError: The engine is not installed.
    """
    if args.engine is None:
        if args.address is not None:
            raise without_engine('--address')
        return partial(in_processes, workers=args.workers or os.cpu_count()
                       or 1)
    require_packages([args.engine])
    from mmderain.fleet.cluster import Cluster
    from mmderain.fleet.ray_tasks import in_cluster

    address = args.address or os.environ.get('RAY_ADDRESS') or None
    return partial(in_cluster, Cluster(address, args.workers, cores=1,
                                       device='cpu'))
