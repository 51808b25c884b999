"""What is said of the delay is what a live stream waits for."""

import dataclasses
from itertools import islice

import numpy as np
import pytest

from mmderain.media.video_info import TimedFrame
from mmderain.restorer import Restorer, choose_restorer
from mmderain.restorer.lookahead import lookahead
from tests.helpers.live import Unchanged


def waited(restorer, spec, size, count):
    """How many frames each of so many has waited for."""
    came = []

    def frames():
        for index in range(1000):
            came.append(index)
            yield TimedFrame(np.zeros((*size, 3), np.uint8), index, 1, index)

    results = islice(restorer.stream(frames(), spec), count)
    return [came[-1] - result.source.index for result in results]


@pytest.mark.parametrize('frames', [0, 1, 20])
def test_counted(frames):
    restorer = Unchanged(frames)
    assert lookahead(restorer, restorer.spec()) == frames


@pytest.fixture(scope='module')
def shipped():
    """Streaks alone, and both stages."""
    return [choose_restorer(remove=remove, device='cpu', backend='onnxruntime')
            for remove in (('streaks', ), ('streaks', 'drops'))]


def test_as_long_as_a_stream_waits(shipped):
    for restorer in shipped:
        spec = restorer.spec(None, 24, 40)
        assert lookahead(restorer, spec) == max(
            waited(restorer, spec, (24, 40), 16))


def test_drops_wait_for_blocks(shipped):
    streaks, both = (lookahead(restorer, restorer.spec(None, 48, 64))
                     for restorer in shipped)
    # of eight frames, seven blocks ahead
    assert both == streaks + 63


def test_the_first_of_a_batch_waits_for_the_others():
    alone, batch = (Restorer(device='cpu', backend='onnxruntime', batch=size)
                    for size in (1, 3))
    assert lookahead(batch, batch.spec(None, 1, 1)) == lookahead(
        alone, alone.spec(None, 1, 1)) + 2


def test_threads_that_run_ahead_are_counted(shipped):
    restorer = shipped[0]
    spec = restorer.spec(None, 48, 64)
    ahead = lookahead(restorer, spec)
    assert ahead - lookahead(restorer, dataclasses.replace(
        spec, prepare_threads=0)) == 2 * spec.prepare_threads  # of both
