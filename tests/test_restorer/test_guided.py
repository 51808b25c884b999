"""A network whose neighbours are aligned in what another one restored."""

import pickle
from contextlib import closing

import numpy as np
import pytest

from mmderain.errors import ConfigError, UserError
from mmderain.media.video_info import TimedFrame
from mmderain.restorer import Restorer, RestorerChain, choose_restorer
from mmderain.restorer.guided import GuidedRestorer
from tests.helpers.videos import pictures, write_checkpoint
from tests.test_models.test_aligned_median.test_derainer import rainy_pan

FRAMES, SIZE = 40, (64, 96)
BACKENDS = ('torch', 'onnxruntime')


@pytest.fixture(scope='module', params=BACKENDS)
def guided(request):
    return choose_restorer(remove='streaks', device='cpu', dtype='float32',
                           backend=request.param)


@pytest.fixture(scope='module')
def frames():
    return [TimedFrame(image, 40 * index, 40, index)
            for index, image in enumerate(rainy_pan(FRAMES, SIZE))]


def images(results):
    return np.stack([item.image for item in results])


def test_motion_is_found_in_the_frames_of_the_guide(guided, frames):
    assert guided.guide.weights.name == 'light_median'
    spec = guided.spec(None, *SIZE)
    first = guided.guide.stream(frames, guided.guide.spec(None, *SIZE))
    expected = guided.backend.stream(
        (frame.image for frame in frames), spec, True,
        (item.image for item in first))
    results = list(guided.stream(frames, spec, True))
    assert [item.source for item in results] == frames
    for item, judged in zip(results, expected, strict=True):
        np.testing.assert_array_equal(item.image.transpose(2, 0, 1),
                                      judged.planes[:3])
        np.testing.assert_array_equal(item.maps['blend'], judged.planes[3])
    alone = choose_restorer(
        remove='streaks', device='cpu', dtype='float32',
        backend=guided.computing.names[0], test_cfg=dict(guide=None))
    assert (images(alone.stream(frames, spec)) != images(results)).any()


def test_both_backends_agree(frames):
    one, other = (
        images(choose_restorer(
            remove='streaks', device='cpu', dtype='float32', backend=backend)
            .stream(frames[:16], Restorer(device='cpu').spec(None, *SIZE)))
        for backend in BACKENDS)
    # the guide's bytes are rounded on either side of a half
    assert (np.abs(one.astype(int) - other) > 1).mean() < 1e-3


@pytest.mark.parametrize('tile', [None, (48, 64)])
def test_from_a_frame_on_as_if_unbroken(guided, frames, tile):
    spec = guided.spec(tile, *SIZE)
    whole = images(guided.stream(frames, spec))
    for first in (0, 5, 30, 39):
        entered, closed = [], []

        def read(entry, entered=entered, closed=closed):
            entered.append(entry)
            try:
                yield from frames[entry:]
            finally:
                closed.append(entry)

        with closing(guided.stream_from(first, read, spec)) as results:
            found = list(results)
        assert [item.source.index for item in found] == list(
            range(first, FRAMES))
        np.testing.assert_array_equal(images(found), whole[first:])
        assert entered == closed
    assert 0 < entered[0] < first - 10


def test_no_more_is_read_than_it_waits_for(guided, frames):
    read = []

    def source():
        for frame in frames * 10:
            read.append(frame)
            yield frame

    with closing(guided.stream(source(), guided.spec(None, *SIZE))) as results:
        next(results)
        least = len(read)
        for _ in range(30):
            next(results)
    assert len(read) == least + 30 and least < 24


def test_another_process_builds_the_same(guided):
    for build in (guided.builder('cpu', 2), guided.builder_elsewhere('cpu',
                                                                     2)):
        again = pickle.loads(pickle.dumps(build))()
        assert isinstance(again, GuidedRestorer)
        assert again.known_by == guided.known_by
        assert again.sharers == again.guide.sharers == 2
    assert guided.computing.way == again.computing.way


def test_it_counts_what_the_guide_is(guided):
    assert guided.known_by['guide'] == guided.guide.known_by
    alone = Restorer(device='cpu', test_cfg=dict(alignment='composed'))
    assert guided.known_by == dict(alone.known_by, guide=Restorer(
        model_name='light_median', device='cpu').known_by)


def test_it_has_memory_left_for_the_guide(guided):
    size = 256, 256
    enough = int(2.2 * guided.method.bytes_per_pixel * 256 * 256)
    needed = guided.guide.method.bytes_per_pixel * 256 * 256
    assert guided.fit_tile(*size, enough) is not None
    assert guided.fit_tile(*size, enough + needed) is None


def test_what_computes_is_told_once():
    chain = choose_restorer(device='cpu', backend='torch', dtype='float32')
    assert isinstance(chain, RestorerChain)
    assert chain.computing.names == ('torch', 'torch')
    way = chain.computing.way
    assert way == dict(backend='torch, torch', dtype='float32, float32')
    assert chain.computing.might_choose(way)
    for wrong in ('torch + snow, torch', 'snow, torch', 'torch', ''):
        assert not chain.computing.might_choose(dict(way, backend=wrong))
    way['dtype'] = 'bfloat16 + float32, float32'
    chain.computing.way = way
    assert (chain.first.dtype, chain.first.guide.dtype, chain.second.dtype
            ) == ('bfloat16', 'float32', 'float32')
    assert chain.computing.way == way
    way['backend'] = 'torch + onnxruntime, torch'
    chain.computing.way = dict(way, dtype='float32, float32')
    assert chain.first.guide.computing.names == ('onnxruntime', )
    assert chain.computing.names == ('torch', 'onnxruntime', 'torch')


@pytest.fixture(scope='module')
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp('weights')
    return {name: str(write_checkpoint(folder / f'{name}.pth', method, **more))
            for name, method, more in (
                ('own', 'aligned_median', {}),
                ('guided', 'aligned_median', dict(sees_guide=True)),
                ('other', 'eevrsr_derain_only', {}))}


def test_who_has_a_guide(checkpoints):
    def guide_of(*names, **test_cfg):
        return getattr(choose_restorer(*names, device='cpu',
                                       test_cfg=test_cfg, remove='streaks'),
                       'guide', None)

    own = checkpoints['own']
    assert guide_of(None, None) is not None
    assert guide_of(None, 'aligned_median') is not None
    assert guide_of(
        None, 'aligned_median_int8').weights.name == 'realtime'
    for names in ((None, 'fast'), (None, 'light_median'),
                  (None, 'aligned_median_2'), (own, )):
        assert guide_of(*names) is None
    assert guide_of(None, None, guide=None) is None
    assert guide_of(own, guide='realtime').weights.name == 'realtime'
    # whose network was made to see one
    guided = checkpoints['guided']
    assert guide_of(guided).weights.name == 'light_median'
    assert guide_of(guided, guide='realtime').weights.name == 'realtime'
    assert guide_of(guided, guide=None) is None
    config = dict(model=dict(guide='aligned_median_3'))
    assert choose_restorer(guided, device='cpu', model_config=config
                           ).guide.weights.name == 'aligned_median_3'


def test_what_cannot_be(checkpoints):
    with pytest.raises(ConfigError, match="guide='fast': eevrsr.* no motion"):
        choose_restorer(checkpoints['other'], device='cpu',
                        test_cfg=dict(guide='fast'))
    for guide in ('snow', 3, ['fast']):
        with pytest.raises(UserError, match='comes with no weights for'):
            choose_restorer(device='cpu', test_cfg=dict(guide=guide))


def test_tiny_frames(guided):
    small = [TimedFrame(image, index, 1, index)
             for index, image in enumerate(pictures(3, (1, 5)))]
    results = list(guided.stream(small, guided.spec(None, 1, 5)))
    assert [item.image.shape for item in results] == [(1, 5, 3)] * 3
