"""What has come and is not done yet: never more than so many frames."""

import threading
from collections import deque
from typing import Any, NamedTuple


class _Item(NamedTuple):
    content: Any
    is_frame: bool


class LiveQueue:
    """From the thread that receives to the one that works.

    Args:
        capacity: Frames that it holds.
        drops: Whether a frame too many takes the place of the oldest one;
            else who brings it waits.
    """

    def __init__(self, capacity: int, drops: bool) -> None:
        self.capacity, self.drops = capacity, drops
        self.dropped = 0
        self._items: deque[_Item] = deque()
        self._frames = 0
        self._error: BaseException | None = None
        self._is_closed = False
        self._changed = threading.Condition()

    def put(self, content: Any, is_frame: bool) -> bool:
        """Add something.

        Args:
            content: A frame, or what goes with them, such as sound.
            is_frame: Which of the two.

        Returns:
            bool: False where nobody wants more.
        """
        with self._changed:
            if is_frame and self._frames >= self.capacity and self.drops:
                self._drop()
            while (is_frame and self._frames >= self.capacity
                   and not self._is_closed):
                self._changed.wait()
            if self._is_closed:
                return False
            self._items.append(_Item(content, is_frame))
            self._frames += is_frame
            self._changed.notify_all()
        return True

    def _drop(self) -> None:
        oldest = next(place for place, item in enumerate(self._items)
                      if item.is_frame)
        del self._items[oldest]
        self._frames -= 1
        self.dropped += 1

    def get(self, seconds: float) -> Any | None:
        """Take the oldest.

        Args:
            seconds: How long to wait for it.

        Returns:
            It; None if nothing has come.

        Raises:
            EOFError: Nothing will come.
            Exception: What the queue was closed with, after all before it.
        """
        with self._changed:
            if not self._items and not self._is_closed:
                self._changed.wait(seconds)
            if self._items:
                item = self._items.popleft()
                self._frames -= item.is_frame
                self._changed.notify_all()
                return item.content
            if self._error is not None:
                raise self._error
            if self._is_closed:
                raise EOFError
            return None

    def close(self, error: BaseException | None = None) -> None:
        """Say that nothing more comes, or that nothing more is wanted.

        Args:
            error: Why; None for the end.
        """
        with self._changed:
            if not self._is_closed:
                self._is_closed, self._error = True, error
            self._changed.notify_all()
