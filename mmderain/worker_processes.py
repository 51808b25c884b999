"""Work that is spread over processes and stops without a word of theirs."""

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
    """Do something with each item, in several processes.

    Args:
        function: Of an item; it and ``start`` are named in a module.
        items: What to do it with.
        workers: Processes; with 1 all is done in this one.
        start: Called once in each process, before the first item.
        start_args: Its arguments.

    Yields:
        What the function returns, in the order it is done.

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
            f'One of {workers} processes died, perhaps for want of memory. '
            'What was done is kept: run again, with fewer --workers.'
        ) from error
    except OSError as error:
        raise DataError(f'A file could not be read or written: {error}. Free '
                        'some space or change its permissions, and run again; '
                        'what was done is kept.') from error


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
