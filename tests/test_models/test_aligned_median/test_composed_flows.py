"""Flow over two frames out of two flows over one, each found once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mmderain.models.aligned_median import alignment, composed_flows
from mmderain.models.aligned_median.alignment import (
    align_neighbours,
    prepare_window,
)
from mmderain.models.aligned_median.composed_flows import ComposedFlows
from tests.test_models.test_aligned_median.test_alignment import (
    difference,
    pan,
)


@pytest.fixture
def found(monkeypatch):
    """How often flow was found."""
    calls = []

    def counted(centre, neighbour):
        calls.append(1)
        return alignment.find_flow(centre, neighbour)

    monkeypatch.setattr(composed_flows, 'find_flow', counted)
    return calls


def windows(count=6, **options):
    frames = pan(frames=count + 4, **options)
    return [frames[first:first + 5] for first in range(count)]


def test_a_pan_is_undone():
    window = pan()
    moved = align_neighbours(window, find_flows=ComposedFlows())
    assert moved.shape == (4, 96, 128, 3) and moved.dtype == np.uint8
    assert difference(moved, window[2]) < 0.5
    direct = align_neighbours(window)
    # flow over one frame is the same
    np.testing.assert_array_equal(moved[[1, 2]], direct[[1, 2]])
    assert (moved[[0, 3]] != direct[[0, 3]]).any()


def test_a_pixel_is_followed_where_it_goes(monkeypatch):
    """The second step begins where the first one ends."""
    window = pan()

    def steps(centre, neighbour):
        columns = np.arange(centre.shape[1], dtype=np.float32)
        flow = np.zeros((*centre.shape, 2), np.float32)
        flow[..., 0] = 1 + columns / 8  # x + 1 + x / 8
        return flow

    monkeypatch.setattr(composed_flows, 'find_flow', steps)
    flows = ComposedFlows()(window)
    assert flows[1][5, 8].tolist() == [2, 0]
    assert flows[0][5, 8].tolist() == [2 + 1 + 10 / 8, 0]
    assert flows[3][5, 16].tolist() == [3 + 1 + 19 / 8, 0]


def test_each_flow_is_found_once(found):
    aligned = ComposedFlows()
    for number, window in enumerate(windows(), 1):
        align_neighbours(window, find_flows=aligned)
        assert len(found) == 2 + 2 * number


@pytest.mark.parametrize('threads', [1, 2])
def test_a_window_alone_gives_the_same(found, threads):
    clips = windows(8)
    together = ComposedFlows()
    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(lambda window: align_neighbours(
            window, find_flows=together), clips))
    # a thread that lags behind finds some again
    assert len(found) < (2 + 2 * len(clips) + 8 * (threads - 1) + 1)
    for window, result in zip(clips, results, strict=True):
        np.testing.assert_array_equal(
            result, align_neighbours(window, find_flows=ComposedFlows()))


def test_little_is_kept():
    aligned = ComposedFlows()
    for window in windows(20):
        align_neighbours(window, find_flows=aligned)
    assert len(aligned._planes) == len(aligned._flows) == 8


def test_what_cannot_be_found_is_said_each_time(monkeypatch):
    def refuse(centre, neighbour):
        raise MemoryError

    monkeypatch.setattr(composed_flows, 'find_flow', refuse)
    aligned = ComposedFlows()
    for _ in range(2):
        with pytest.raises(MemoryError):
            align_neighbours(pan(), find_flows=aligned)


def test_colours_may_stand_first():
    window = pan()
    prepared = prepare_window(window.transpose(0, 3, 1, 2),
                              find_flows=ComposedFlows())
    np.testing.assert_array_equal(prepared[:5].transpose(0, 2, 3, 1), window)
    np.testing.assert_array_equal(
        prepared[5:].transpose(0, 2, 3, 1),
        align_neighbours(window, find_flows=ComposedFlows()))
