"""What nobody means to give from Python is answered in words."""

import copy
import pickle
import threading

import numpy as np
import pytest
import torch

from mmderain.apis.frame import as_frame
from mmderain.apis.inferencer import DerainInferencer
from mmderain.apis.inputs import derained, frames_of
from mmderain.apis.turns import Shared
from mmderain.errors import UserError
from tests.helpers.videos import pictures, write_video

CLIP = torch.zeros(2, 3, 8, 8)


@pytest.mark.parametrize(('given', 'says'), [
    (memoryview(np.zeros((8, 8, 3), np.uint8)), 'memoryview. Use numpy'),
    (CLIP.to_sparse(), 'a sparse one. Use tensor.to_dense()'),
    (CLIP[None].to_sparse(), 'a sparse one'),
    (CLIP[0].to_sparse(), 'a sparse one'),
    (CLIP.to('meta'), 'a meta one. It has a shape, but no values'),
    (CLIP[0].to('meta'), 'a meta one'), (CLIP[None].to('meta'), 'a meta one'),
    (torch.nested.nested_tensor([CLIP[0], CLIP[0, :, :4]]), 'a nested one')])
def test_kinds_that_hold_no_frames(given, says):
    for ask in (frames_of, lambda it: derained(it, list)):
        with pytest.raises(UserError) as error:
            ask(given)
        assert says in str(error.value)


def test_a_sparse_frame_of_a_clip_is_named():
    with pytest.raises(UserError, match='a sparse one in frame 3'):
        as_frame(CLIP[0].to_sparse(), ' in frame 3')


@pytest.fixture(scope='module')
def derain():
    return DerainInferencer(remove=['streaks'], device='cpu',
                            backend='onnxruntime')


@pytest.mark.parametrize(('call', 'says'), [
    (lambda derain, clip, there: derain(clip, there),
     'add DerainOptions(overwrite=True), which'),
    (lambda derain, clip, there: derain(clip, there.with_name('new.mp4')),
     'cannot be read (DerainOptions(skip_bad_frames=True))'),
    (lambda derain, clip, there: DerainInferencer(device='gpu'),
     "device: 'gpu' is not a device"),
    (lambda derain, clip, there: DerainInferencer('no.pth', device='cpu'),
     'no.pth'),
    (lambda derain, clip, there: DerainInferencer(model_name='drizzle'),
     'Name a checkpoint with model_ckpt;')])
def test_words_are_those_of_python(derain, tmp_path, call, says):
    """Options of a command are no arguments."""
    write_video(there := tmp_path / 'there.mp4', pictures(3))
    clip = write_video(tmp_path / 'cut.mkv', pictures(9))
    clip.write_bytes(clip.read_bytes()[:-200])
    with pytest.raises(UserError) as error:
        call(derain, clip, there)
    assert says in str(error.value)
    assert '--' not in str(error.value)


@pytest.mark.parametrize(('call', 'says'), [
    (lambda derain: derain.infer(img=3), 'a path as str or Path, got int'),
    (lambda derain: derain.infer(img=''), "Expected a path, got ''"),
    (lambda derain: derain.infer(video=np.zeros(3)), 'got ndarray'),
    (lambda derain: derain.infer(img='a.png', result_out_dir=3), 'got int'),
    (lambda derain: derain('a.mp4', 3), 'a path as str or Path, got int'),
    (lambda derain: derain('a.mp4', 'b.mp4', dict(strength=1)),
     'options: expected DerainOptions(...), of mmderain.jobs.options, or '
     'None, got dict')])
def test_calls_of_another_kind(derain, call, says):
    with pytest.raises(UserError) as error:
        call(derain)
    assert says in str(error.value)


def test_threads_take_from_one_stream(derain):
    frames = [np.full((32, 32, 3), level, np.uint8) for level in range(24)]
    stream, taken, errors = derain.frames(iter(frames)), [], []

    def take():
        try:
            taken.extend(stream)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    expected = list(derain.frames(frames))
    assert len(taken) == len(frames)
    assert sorted(int(frame.sum()) for frame in taken) == sorted(
        int(frame.sum()) for frame in expected)


def test_a_stream_that_feeds_itself():
    def numbers():
        yield next(results)

    results = Shared(numbers())
    with pytest.raises(UserError, match='cannot be taken by what gives'):
        next(results)


def test_a_stream_is_closed_while_somebody_waits_for_its_camera():
    """Who may be unplugged: then nothing ever comes."""
    waits, frame_comes, is_over = (threading.Event() for _ in range(3))
    taken = []

    def numbers():
        try:
            yield 1
            waits.set()
            frame_comes.wait(60)
            yield 2
            yield 3
        finally:
            is_over.set()

    results = Shared(numbers())
    thread = threading.Thread(target=lambda: taken.extend(results))
    thread.start()
    assert waits.wait(60)
    closing = threading.Thread(target=results.close, daemon=True)
    closing.start()
    closing.join(20)
    assert not closing.is_alive() and not is_over.is_set()
    frame_comes.set()
    thread.join(60)
    assert taken == [1] and is_over.is_set()
    assert list(results) == []


@pytest.mark.parametrize('ask', [pickle.dumps, copy.copy, copy.deepcopy])
def test_an_inferencer_stays_in_its_process(derain, ask):
    with pytest.raises(TypeError, match='Make one in each process'):
        ask(derain)


def test_an_argument_that_is_not_there():
    with pytest.raises(TypeError, match=r"^DerainInferencer has no argument "
                       "'model'; it takes model_ckpt, model_name, "):
        DerainInferencer(model='fast')
