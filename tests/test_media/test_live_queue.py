"""Frames between two threads: never too many, and none lost unsaid."""

import threading
import time

import pytest

from mmderain.media.live_queue import LiveQueue


def test_the_oldest_frame_makes_room_and_is_counted():
    queue = LiveQueue(2, drops=True)
    for item, is_frame in (('sound', False), (1, True), (2, True), (3, True)):
        assert queue.put(item, is_frame)
    assert queue.dropped == 1
    assert [queue.get(0) for _ in range(4)] == ['sound', 2, 3, None]


def test_who_does_not_drop_waits():
    queue, put = LiveQueue(1, drops=False), []

    def bring():
        for number in range(3):
            queue.put(number, True)
            put.append(number)
        queue.close()

    thread = threading.Thread(target=bring)
    thread.start()
    time.sleep(0.05)
    assert put == [0]
    assert [queue.get(1) for _ in range(3)] == [0, 1, 2]
    thread.join()
    assert queue.dropped == 0
    with pytest.raises(EOFError):
        queue.get(1)


def test_nobody_waits_where_nothing_is_wanted():
    queue = LiveQueue(1, drops=False)
    queue.put(0, True)
    threading.Timer(0.05, queue.close).start()
    assert not queue.put(1, True)


def test_an_error_comes_after_what_came_before_it():
    queue = LiveQueue(1, drops=False)
    queue.put(0, True)
    queue.close(ValueError('lost'))
    queue.close()  # the first word counts
    assert queue.get(0) == 0
    with pytest.raises(ValueError, match='lost'):
        queue.get(0)
