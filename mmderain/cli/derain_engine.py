"""``mmderain derain --engine ray``: an archive on many machines."""

import argparse
import os
from functools import partial
from typing import TYPE_CHECKING

from mmderain.cli.option_types import whole
from mmderain.errors import UserError
from mmderain.packages import require_packages

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmderain.jobs.workers import Fleet

ENGINES = ('ray', )
ADDRESS = ('of a cluster of Ray that is there; auto finds the one of this '
           'machine (default: RAY_ADDRESS, or workers on this machine alone)')
_OF_ENGINE = ('address', 'workers', 'worker_cores')


def add_engine_arguments(group: argparse._ArgumentGroup) -> None:
    """The options of engines."""
    group.add_argument(
        '--engine', choices=ENGINES, help='what gives the videos to workers, '
        'on this machine or on many; each worker has the model loaded')
    group.add_argument('--address', metavar='HOST:PORT', help=ADDRESS)
    group.add_argument('--workers', type=whole(1, 100_000), metavar='N',
                       help='(default: as many as there is room for)')
    group.add_argument(
        '--worker-cores', type=whole(1, 1024), metavar='N', help='cores of '
        'each worker; with --device cuda it has a GPU, too (default: 2)')


def check_engine(args: argparse.Namespace, is_archive: bool) -> None:
    """Refuse options that do not go with an engine, or without one.

    Args:
        args: The options.
        is_archive: Whether there is, or may be, more than one input.

    Raises:
        UserError: There is one.
        PackagesError: The engine is not installed.
    """
    if args.engine is None:
        for option in _OF_ENGINE:
            if getattr(args, option) is not None:
                raise without_engine(f'--{option.replace("_", "-")}')
        return
    if not is_archive:
        raise UserError(
            f'--engine {args.engine} is for an archive, expected with --list '
            'or --output-dir, got one video alone. Leave it out, or share the '
            'video among --devices.')
    if args.devices is not None:
        raise UserError('--devices is for this machine, and --engine chooses '
                        'devices itself. Use one of the two.')
    if args.dry_run:
        raise UserError('--dry-run looks at this machine alone. Leave '
                        '--engine out to see what would be done.')
    if args.device is not None and args.device not in ('cpu', 'cuda'):
        raise UserError(f'--device {args.device}: with --engine expected cpu '
                        'or cuda, of which each worker gets its own.')
    require_packages([args.engine])


def without_engine(option: str) -> UserError:
    """What is said of an option of engines where none is asked for."""
    return UserError(f'{option} is for --engine ray, which is not there. Add '
                     f'it, or leave {option} out.')


def find_fleet(args: argparse.Namespace) -> 'Fleet | None':
    """What gives workers of the engine; None without one."""
    if args.engine is None:
        return None
    from mmderain.fleet.cluster import Cluster
    from mmderain.fleet.ray_workers import ray_workers

    cluster = Cluster(args.address or os.environ.get('RAY_ADDRESS') or None,
                      args.workers, args.worker_cores, args.device)
    return partial(ray_workers, cluster)
