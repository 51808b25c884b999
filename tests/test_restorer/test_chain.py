"""Streaks first, then drops on the lens, as if one after the other."""

import pickle
from contextlib import closing

import numpy as np
import pytest

from mmderain.media.video_info import TimedFrame
from mmderain.models.lens_drops.restoration import LensDropRestoration
from mmderain.restorer import Restorer, RestorerChain
from tests.helpers.videos import write_checkpoint
from tests.test_models.test_lens_drops.helpers import (
    DROPS,
    SIZE,
    find_true,
    pan,
    with_drops,
)

FRAMES = 100


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp('weights')
    return (write_checkpoint(folder / 'a.pth', 'eevrsr_derain_only'),
            write_checkpoint(folder / 'b.pth', 'lens_drops',
                             widths=(4, 8)))


@pytest.fixture
def chain(files, monkeypatch):
    monkeypatch.setattr(LensDropRestoration, 'find_drops',
                        lambda self, planes, dtype=None: find_true(planes))
    return RestorerChain(*(Restorer(str(path), device='cpu')
                           for path in files))


@pytest.fixture(scope='module')
def frames():
    return [TimedFrame(image, 40 * index, 40, index)
            for index, image in enumerate(with_drops(pan(FRAMES)))]


def reader(frames, entered):
    def read(entry):
        entered.append(entry)
        yield from frames[entry:]
    return read


def test_equal_to_one_after_the_other(chain, frames):
    spec = chain.spec(None, *SIZE)
    frames = frames[:30]
    first = list(chain.first.stream(frames, spec[0], True))
    second = list(chain.second.stream(
        [TimedFrame(item.image, 0, 1, index)
         for index, item in enumerate(first)], spec[1], True))
    both = list(chain.stream(frames, spec, True))
    assert len(both) == 30
    for index, item in enumerate(both):
        assert item.source is frames[index]
        np.testing.assert_array_equal(item.image, second[index].image)
        assert item.drops == 2 and item.covered > 0.02
        assert set(item.maps) == set(chain.map_names)
        np.testing.assert_array_equal(item.maps['drops'],
                                      second[index].maps['drops'])
        change = np.abs(item.image.astype(int) - frames[index].image)
        np.testing.assert_array_equal(item.maps['removed'], change.max(2))
    assert (both[9].image != first[9].image)[DROPS].any()


def test_from_a_frame_on_as_if_unbroken(chain, frames):
    spec = chain.spec(None, *SIZE)
    whole = list(chain.stream(frames, spec))
    for first in (0, 5, 90, 99):
        entered = []
        with closing(chain.stream_from(first, reader(frames, entered),
                                       spec)) as results:
            found = list(results)
        assert len(entered) == 1 and entered[0] <= max(0, first - 70)
        assert [item.source.index for item in found] == list(
            range(first, FRAMES))
        for item, other in zip(found, whole[first:], strict=True):
            np.testing.assert_array_equal(item.image, other.image)
    # not the whole clip again
    assert entered[0] > 0


def test_the_second_model_has_memory_left(chain):
    size = 256, 256
    needed = chain.second.method.bytes_per_pixel * 256 * 256
    # a little more than the twofold that whole frames are given
    enough = int(2.2 * chain.first.method.bytes_per_pixel * 256 * 256)
    assert chain.first.fit_tile(*size, enough) is None
    assert chain.fit_tile(*size, enough) is not None
    assert chain.fit_tile(*size, enough + needed) is None


def test_the_source_is_closed(chain, frames):
    closed = []

    def read(entry):
        try:
            yield from frames[entry:]
        finally:
            closed.append(entry)

    results = chain.stream_from(0, read, chain.spec(None, *SIZE))
    next(results)
    results.close()
    assert closed == [0]


def test_another_process_builds_the_same(chain):
    again = pickle.loads(pickle.dumps(chain.builder('cpu', 2)))()
    assert again.known_by == chain.known_by
    assert again.first.sharers == again.second.sharers == 2
    assert chain.known_by['method'] == ['eevrsr_derain_only', 'lens_drops']
    assert chain.known_by != chain.first.known_by
