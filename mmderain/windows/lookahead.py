"""Work of the CPU on what comes next, while the network is busy."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


def map_ahead(function: Callable[[Any], Any], items: Iterable[Any],
              threads: int) -> Iterator[Any]:
    """``map`` whose next results are made in threads meanwhile.

    At most ``threads + 1`` items have left ``items`` without their results
    having been asked for. An error of ``function`` is raised where its result
    would have come, after those before it; closing the generator waits for the
    items that are being worked on and drops the others.

    Args:
        function: From an item to a result.
        items: Read in the thread of the caller.
        threads: 0 for none: each result is made when it is asked for.

    Yields:
        Any: The results, in order.
    """
    if not threads:
        yield from map(function, items)
        return
    pending: deque[Future] = deque()
    with ThreadPoolExecutor(threads, 'lookahead') as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) > threads:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
