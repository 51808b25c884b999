"""Segments are dealt out completely, once, and in ranges."""

import pytest

from mmderain.errors import UserError
from mmderain.jobs.devices import parse_devices
from mmderain.jobs.segment_queue import SegmentQueue


def deal(dealer, speeds, end):
    """Workers of different speed; which segments each of them made."""
    made = [[] for _ in speeds]
    free = [0.0] * len(speeds)
    doing = {}
    while True:
        for worker in range(len(speeds)):
            if worker not in doing:
                number = dealer.next(worker)
                if number is not None:
                    doing[worker] = number
        if not doing:
            return made
        worker = min(doing, key=lambda item: free[item] + speeds[item])
        free[worker] += speeds[worker]
        number = doing.pop(worker)
        frames = max(0, min(10, end - number * 10))
        dealer.done(number, frames)
        if frames:
            made[worker].append(number)


def entries(numbers):
    """How often a clip has to be entered."""
    return sum(number - 1 != before
               for before, number in zip([-2, *numbers], numbers,
                                         strict=False))


@pytest.mark.parametrize('speeds', [[1], [1, 1], [1, 5], [3, 1, 1], [2] * 7])
@pytest.mark.parametrize('frames', [1, 30, 99, 1000])
@pytest.mark.parametrize('guess', ['exact', 'low', 'high', 'none'])
def test_every_segment_is_made_once(speeds, frames, guess):
    count = -(-frames // 10)
    total = dict(exact=count, low=count * 2 // 3, high=count + 4, none=0)
    queue = SegmentQueue({}, 10, total[guess], guess == 'exact', len(speeds))
    made = deal(queue, speeds, frames)
    assert sorted(sum(made, [])) == list(range(count))


def test_few_entries_and_nobody_waits():
    made = deal(SegmentQueue({}, 10, 100, True, 2), [1, 3], 1000)
    assert entries(made[0]) <= 5 and entries(made[1]) == 1
    # by 1/4 and 3/4, to within the segment that is being made
    assert abs(len(made[0]) - 75) <= 3
    assert deal(SegmentQueue({}, 10, 8, True, 2), [1, 1], 80) == [
        [0, 1, 2, 3], [4, 5, 6, 7]]


@pytest.mark.parametrize('is_exact', [True, False])
def test_what_is_finished_is_not_made_again(is_exact):
    finished = {0: 10, 3: 10, 4: 10}
    made = deal(SegmentQueue(finished, 10, 7, is_exact, 2), [1, 1], 70)
    assert sorted(sum(made, [])) == [1, 2, 5, 6]
    # a short segment is the last one: there is no need to look for more
    last = SegmentQueue({**finished, 5: 3}, 10, 6, False, 1)
    assert [last.next(0), last.next(0)] == [1, 2]
    last.done(1, 10)
    last.done(2, 10)
    assert last.next(0) is None


def test_lists_of_devices():
    assert parse_devices('cpu, cpu') == ('cpu', 'cpu')
    for text, said in (
            ('tpu', "'tpu' is not a device"), ('', "'' is not a device"),
            ('cuda:999', 'there is no cuda:999 here. There are: cpu'),
            ('999', 'there is no cuda:999'),
            ('-1', "'-1' is not a device"),
            ('cpu,', "'' is not a device")):
        with pytest.raises(UserError, match=said):
            parse_devices(text)


def test_devices_of_two_kinds_round_differently(monkeypatch):
    monkeypatch.setattr('torch.cuda.device_count', lambda: 2)
    assert parse_devices('0,1') == parse_devices('cuda:0,cuda:1') == (
        'cuda:0', 'cuda:1')
    with pytest.raises(UserError, match='several kinds'):
        parse_devices('0,cpu')
