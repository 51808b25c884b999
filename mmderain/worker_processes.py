"""Work spread over processes, which print nothing when they are stopped."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any

from mmderain.errors import DataError
from mmderain.stopping import deaf_to_ctrl_c, end_with_parent


def in_processes(function: Callable[[Any], Any], items: Iterable,
                 workers: int, start: Callable | None = None,
                 start_args: tuple = ()) -> Iterator:
    """Call a function with each item, in several processes.

    Args:
        function: Takes an item; it and ``start`` are defined in a module, so
            that they can be pickled.
        items: The items.
        workers: Number of processes; 1 does everything in this one.
        start: Called once in each process, before the first item.
        start_args: Arguments of ``start``.

    Yields:
        What the function returns, in the order in which calls finish.

    Raises:
        DataError: A process died, or a file cannot be written.
    """
    try:
        if workers == 1:
            if start is not None:
                start(*start_args)
            yield from map(function, items)
        else:
            yield from _in_pool(function, items, workers,
                                (start, start_args))
    except BrokenProcessPool as error:
        raise DataError(
            f'One of {workers} processes died, perhaps for lack of memory. '
            'What was finished is kept: run again with fewer --workers.'
        ) from error
    except OSError as error:
        raise DataError(f'A file could not be read or written: {error}. Free '
                        'some space or change its permissions, and run again; '
                        'what was finished is kept.') from error


def _in_pool(function: Callable, items: Iterable, workers: int,
             start: tuple) -> Iterator:
    # not a fork: the parent may have threads of OpenCV or PyTorch
    pool = ProcessPoolExecutor(workers, get_context('spawn'), _start, start)
    try:
        with deaf_to_ctrl_c():  # `submit` starts them
            tasks = [pool.submit(function, item) for item in items]
        for task in as_completed(tasks):
            yield task.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _start(start: Callable | None, start_args: tuple) -> None:
    end_with_parent()
    if start is not None:
        start(*start_args)
