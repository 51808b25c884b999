"""A function called with many items, as tasks of Ray.

Ray finds places for them, and does again what is lost with a process or a
machine.
"""

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import ray
from ray.exceptions import RayError, RayTaskError

from mmderain.errors import DataError, UserError, as_user_error
from mmderain.fleet.cluster import Cluster
from mmderain.fleet.ray_member import how
from mmderain.version import __version__

_TRIES = 3  # again, of what was lost with its process
# what makes other pictures of the same settings
_VERSIONS = dict(mmderain=__version__, numpy=np.__version__,
                 opencv=cv2.__version__)
_begun: bytes | None = None  # what this process has got ready for


class _Call(NamedTuple):
    """What a process needs before the first item."""

    name: bytes  # that no other call has
    function: Callable[[Any], Any]
    start: Callable | None
    start_args: tuple
    folder: str  # in which relative paths begin
    versions: dict[str, str]


def in_cluster(cluster: Cluster, function: Callable[[Any], Any],
               items: Sequence, start: Callable | None = None,
               start_args: tuple = ()) -> Iterator:
    """Call a function with each item, in processes of a cluster.

    Args:
        cluster: Which one.
        function: Takes an item; it and ``start`` are defined in a module.
        items: The items.
        start: Called once in each process, before the first item.
        start_args: Arguments of ``start``.

    Yields:
        What the function returns, in the order in which calls finish.

    Raises:
        UserError: There is no such cluster or no room in it, a task failed,
            or processes were lost with it again and again.
    """
    if not items:
        return
    with cluster.joined() as room:
        call = ray.put(_Call(os.urandom(8), function, start, start_args,
                             os.getcwd(), _VERSIONS))
        task = ray.remote(_do).options(num_cpus=room.cores,
                                       max_retries=_TRIES)
        left, waiting = iter(items), []
        while True:
            # as many as there is room for: whoever is free gets the next
            for _ in range(room.workers - len(waiting)):
                for item in left:
                    waiting.append(task.remote(call, item))
                    break
            if not waiting:
                return
            (done, ), waiting = ray.wait(waiting)
            yield _result(done)


def _result(reference: Any) -> Any:
    try:
        return ray.get(reference)
    except RayTaskError as error:
        raise as_user_error(error.cause) or RuntimeError(
            str(error)) from error
    except RayError as error:
        raise DataError(
            f'The processes of a task were lost {_TRIES + 1} times '
            f'({how(error)}). What was finished is kept: run again, with '
            'fewer --workers if it was for lack of memory.') from error


def _do(call: _Call, item: Any) -> Any:
    global _begun
    if _begun != call.name:
        if call.versions != _VERSIONS:
            raise UserError(
                f'{platform.node()} has {_VERSIONS}, expected '
                f'{call.versions}. Install the same versions everywhere.')
        os.chdir(call.folder)
        if call.start is not None:
            call.start(*call.start_args)
        _begun = call.name
    return call.function(item)
