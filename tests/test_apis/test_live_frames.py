"""Frames from a camera loop, from threads and from asyncio."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from queue import Queue
from threading import Event, Thread

import numpy as np
import pytest
import torch

from mmderain.apis import DerainInferencer
from mmderain.errors import UserError
from mmderain.methods import METHODS
from tests.helpers.videos import pictures, write_checkpoint, write_video

CLIPS = [np.stack(pictures(8, (24, 32), seed)) for seed in range(2)]


@pytest.fixture(scope='module', params=[
    dict(name='aligned_median'), dict(name='j4rnet', batch=2),
    dict(name='j4rnet', test_cfg=dict(running=True)),
    dict(backend='onnxruntime')], ids=str)
def derain(request, tmp_path_factory):
    """Small networks of PyTorch, one that keeps a state, and another's."""
    options = dict(request.param)
    if name := options.pop('name', None):
        options['model_ckpt'] = str(write_checkpoint(
            tmp_path_factory.mktemp('weights') / 'a.pth', name,
            **METHODS[name].tiny))
    return DerainInferencer(device='cpu', remove='streaks', **options)


@pytest.fixture(scope='module')
def clean(derain):
    return [derain(clip) for clip in CLIPS]


def test_a_live_frame_waits_for_as_many_as_is_said(derain, clean):
    came = []

    def camera():
        for index in count():
            came.append(index)
            yield CLIPS[0][index % 8]

    delay = derain.delay
    assert not came
    waited = [came[-1] - index for index, _ in zip(
        range(20), derain.stream(camera()), strict=False)]
    assert max(waited) == delay


def test_all_frames_come_in_order(derain, clean):
    np.testing.assert_array_equal(
        np.stack(list(derain.stream(iter(CLIPS[0])))), clean[0])


def test_tensors_may_be_trained_with(derain, clean):
    given = torch.from_numpy(CLIPS[0]).permute(0, 3, 1, 2) / 255
    got = derain(given.requires_grad_())
    assert not got.requires_grad and torch.is_grad_enabled()
    np.testing.assert_array_equal(
        (got * 255).round().permute(0, 2, 3, 1), clean[0])
    scale = torch.ones(1, requires_grad=True)
    (scale * got).sum().backward()
    assert scale.grad == pytest.approx(float(got.sum()), rel=1e-4)


def test_addresses_are_the_command_s(derain):
    with pytest.raises(UserError, match='mmderain derain rtsp://a/1'):
        derain.stream('rtsp://a/1')


def test_threads_do_not_disturb_each_other(derain, clean):
    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            got = pool.map(derain, CLIPS)
            np.testing.assert_array_equal(list(got), clean)


def test_streams_may_be_read_in_turns(derain, clean):
    pairs = zip(*map(derain.stream, map(iter, CLIPS)), strict=True)
    np.testing.assert_array_equal(
        [np.stack(frames) for frames in zip(*pairs, strict=True)], clean)


def test_who_waits_for_a_camera_stops_nobody(derain, clean):
    camera, waits = Queue(), Event()

    def frames():
        waits.set()
        yield from iter(camera.get, None)

    live = Thread(target=list, args=[derain.stream(frames())], daemon=True)
    live.start()
    assert waits.wait(60)
    with ThreadPoolExecutor(1) as pool:
        np.testing.assert_array_equal(
            pool.submit(derain, CLIPS[0]).result(60), clean[0])
    camera.put(None)
    live.join(60)
    assert not live.is_alive()


def test_a_stream_may_feed_another(derain, clean):
    np.testing.assert_array_equal(
        list(derain.stream(derain.stream(iter(CLIPS[0])))), derain(clean[0]))


def test_an_error_of_the_camera_is_the_camera_s(derain, clean):
    def broken():
        yield CLIPS[0][0]
        raise OSError('unplugged')

    with pytest.raises(OSError, match='unplugged'):
        list(derain.stream(broken()))
    np.testing.assert_array_equal(derain(CLIPS[0]), clean[0])


def test_a_stream_that_is_left_stops_nobody(derain, clean):
    stream = derain.stream(iter(CLIPS[0]))
    assert len(list(islice(stream, 2))) == 2
    np.testing.assert_array_equal(derain(CLIPS[0]), clean[0])
    stream.close()
    np.testing.assert_array_equal(derain(CLIPS[1]), clean[1])


def test_asyncio_goes_on_meanwhile(derain, clean):
    """Each frame may come from another thread."""
    async def all_of(clip):
        stream, got = derain.stream(iter(clip)), []
        while (frame := await asyncio.to_thread(
                next, stream, None)) is not None:
            got.append(frame)
        return np.stack(got)

    async def both():
        return await asyncio.gather(*map(all_of, CLIPS))

    np.testing.assert_array_equal(asyncio.run(both()), clean)


def test_videos_in_threads(tmp_path):
    derain = DerainInferencer(device='cpu', remove='streaks')
    sources = [write_video(tmp_path / f'{index}.mp4', list(clip))
               for index, clip in enumerate(CLIPS)]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(
            lambda source: derain(source, source.with_suffix('.mkv')),
            sources))
    assert [report.frames for report in reports] == [8, 8]
