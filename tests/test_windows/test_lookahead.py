"""Work ahead in threads: the same results, in order, and few at once."""

import threading
import time

import pytest
import torch

from mmderain.windows.lookahead import map_ahead
from mmderain.windows.tiles import TileSpec
from mmderain.windows.windows import WindowSpec
from tests.helpers.streams import restore_frames

CENTRE = WindowSpec(5, valid=(2, 3))


def clip(count):
    generator = torch.Generator().manual_seed(count)
    return torch.randint(0, 256, (count, 3, 8, 10), generator=generator,
                         dtype=torch.uint8)


@pytest.mark.parametrize('threads', [0, 1, 3])
def test_results_come_in_order_whichever_is_ready_first(threads):
    def slow_first(item):
        time.sleep(0.02 if item % 3 == 0 else 0)
        return item, threading.current_thread() is threading.main_thread()

    results = list(map_ahead(slow_first, range(10), threads))
    assert [item for item, _ in results] == list(range(10))
    assert {here for _, here in results} == {threads == 0}


@pytest.mark.parametrize('threads', [0, 1, 3])
def test_items_are_taken_as_far_ahead_as_there_are_threads(threads):
    taken = 0

    def items():
        nonlocal taken
        while taken < 50:
            taken += 1
            yield taken

    for given, _ in enumerate(map_ahead(lambda item: item, items(), threads)):
        # those that were given, the one that is asked for, those ahead
        assert taken <= given + 1 + threads
    assert given == 49


def test_the_next_item_is_worked_on_while_the_caller_is_busy():
    started = threading.Event()

    def note_second(item):
        if item == 1:
            started.set()
        return item

    stream = map_ahead(note_second, range(5), 1)
    assert next(stream) == 0
    assert started.wait(5)
    stream.close()


@pytest.mark.parametrize('threads', [0, 2])
def test_an_error_comes_where_its_result_would_have_come(threads):
    def fail_at_three(item):
        if item == 3:
            raise KeyError('three')
        return item

    stream = map_ahead(fail_at_three, range(9), threads)
    assert [next(stream) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(KeyError, match='three'):
        next(stream)


def test_closing_ends_the_threads_and_drops_what_is_left():
    done = []

    def slow(item):
        time.sleep(0.02)
        done.append(item)
        return item

    stream = map_ahead(slow, range(100), 2)
    next(stream)
    stream.close()
    number = len(done)
    assert number <= 3
    assert not [thread for thread in threading.enumerate()
                if thread.name.startswith('lookahead')]
    time.sleep(0.05)
    assert len(done) == number


def with_medians(window):
    """Five frames, and their median as a sixth."""
    return torch.cat([window, window.median(0, True).values])


def centre_and_median(prepared):
    assert prepared.shape[1] == 6
    return prepared[:, 2:3] + prepared[:, 5:]


@pytest.mark.parametrize('threads', [0, 1, 3])
@pytest.mark.parametrize('tile', [None, TileSpec((6, 8), 2)])
@pytest.mark.parametrize('count', [1, 4, 12])
def test_prepared_windows_take_the_place_of_the_clip(threads, tile, count):
    expected = list(restore_frames(
        clip(count), lambda window: window[:, 2:3]
        + window.median(1, True).values, CENTRE))
    got = list(restore_frames(
        clip(count), centre_and_median, CENTRE, tile,
        prepare_window=with_medians, prepare_threads=threads))
    assert len(got) == count
    torch.testing.assert_close(torch.stack(got), torch.stack(expected))


def test_what_is_prepared_as_floating_point_is_not_scaled():
    got = list(restore_frames(
        clip(6), lambda window: window[:, 2:3], CENTRE,
        prepare_window=lambda window: window.double() * 2))
    assert torch.equal(torch.stack(got), clip(6).float() * 2)


def test_few_windows_are_prepared_and_an_unfinished_stream_is_cleaned_up():
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield clip(1)[0]

    stream = restore_frames(endless(), lambda window: window[:, 2:3], CENTRE,
                            prepare_window=lambda window: window,
                            prepare_threads=3)
    for index in range(50):
        next(stream)
        # the window of a frame ends two frames later; three are ahead
        assert taken <= index + 1 + 2 + 3
    stream.close()
    assert not [thread for thread in threading.enumerate()
                if thread.name.startswith('lookahead')]
