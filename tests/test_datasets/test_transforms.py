"""One draw for every key: pixels that belonged together stay together."""

import numpy as np
import pytest
import torch
from mmagic.registry import TRANSFORMS
from mmcv.transforms import Compose

from mmderain.datasets import LoadFrames, PairedClipCrop, StackFrames
from mmderain.datasets.transforms import SampleClip
from mmderain.errors import DataError
from tests.tiny import write_image

KEYS = ['img', 'gt', 'drop_mask']


def sample(frames=6, size=(20, 30)):
    """Every pixel of every key holds its own place and time."""
    height, width = size
    place = np.arange(height * width, dtype=np.uint8).reshape(size)
    return {'key': '000', **{
        name: value for offset, key in enumerate(KEYS) for name, value in (
            (key, [np.dstack([place + index + 7 * offset] * (
                1 if key == 'drop_mask' else 3)) for index in range(frames)]),
            (f'{key}_path', [f'{key}/{index}.png' for index in range(frames)])
        )}}


def together(results):
    """The keys differ by what :func:`sample` added, everywhere."""
    for img, gt, mask in zip(*(results[key] for key in KEYS), strict=True):
        assert np.array_equal(img + np.uint8(7), gt)
        assert np.array_equal(img[..., :1] + np.uint8(14), mask)


@pytest.mark.parametrize('seed', range(8))
def test_the_whole_training_pipeline_keeps_keys_together(seed):
    np.random.seed(seed)
    pipeline = Compose([TRANSFORMS.build(step) for step in (
        dict(type='PairedClipCrop', keys=KEYS, size=12),
        dict(type='Flip', keys=KEYS, direction='horizontal'),
        dict(type='Flip', keys=KEYS, direction='vertical'),
        dict(type='RandomTransposeHW', keys=KEYS))])
    results = pipeline(sample())
    together(results)
    assert {frame.shape[:2] for key in KEYS for frame in results[key]} == {
        (12, 12)}
    # one window for all frames: time still adds one to every pixel
    assert np.array_equal(results['img'][0] + np.uint8(1), results['img'][1])


def test_crops_differ_from_draw_to_draw():
    np.random.seed(0)
    crop = PairedClipCrop(KEYS, 12)
    first = {crop(sample())['img'][0].tobytes() for _ in range(10)}
    assert len(first) > 5


def test_a_clip_is_taken_at_the_same_place_of_every_key():
    np.random.seed(0)
    starts = set()
    for _ in range(30):
        results = SampleClip(length=3)(sample())
        paths = [[path.split('/')[1] for path in results[f'{key}_path']]
                 for key in KEYS]
        assert paths[0] == paths[1] == paths[2]
        first = int(paths[0][0].split('.')[0])
        assert paths[0] == [f'{first + i}.png' for i in range(3)]
        starts.add(first)
    assert starts == {0, 1, 2, 3}
    fixed = SampleClip(length=2, random=False)(sample())
    assert fixed['img_path'] == ['img/0.png', 'img/1.png']


def test_too_short_a_sequence_is_named():
    with pytest.raises(DataError, match='000 has 6 frames, a clip of 7'):
        SampleClip(length=7)(sample())


def test_too_small_a_frame_is_named():
    with pytest.raises(DataError, match='img/0.png is 30x20 pixels, the crop '
                       'needs 24x24'):
        PairedClipCrop(KEYS, 24)(sample())


def test_a_frame_of_another_size_is_named():
    results = sample()
    results['gt'][2] = results['gt'][2][:18]
    with pytest.raises(DataError, match='gt/2.png is 30x18 pixels, the other '
                       'frames are 30x20'):
        PairedClipCrop(KEYS, 12)(results)


def test_frames_are_loaded_as_rgb_and_maps_as_grey(tmp_path):
    bgr = np.zeros((4, 5, 3), np.uint8)
    bgr[..., 2] = 200  # red
    write_image(tmp_path / 'a.png', bgr)
    paths = [str(tmp_path / 'a.png')]
    colour = LoadFrames('img')({'img_path': paths})['img'][0]
    assert colour[0, 0].tolist() == [200, 0, 0]
    grey = LoadFrames('drop_mask', color_type='grayscale')(
        {'drop_mask_path': paths})['drop_mask'][0]
    assert grey.shape == (4, 5, 1)


@pytest.mark.parametrize('content', [b'', b'text', None])
def test_a_broken_file_is_named(tmp_path, content):
    path = tmp_path / 'broken.png'
    if content is None:
        write_image(path, np.random.default_rng(0).integers(
            0, 255, (40, 40, 3), np.uint8))
        content = path.read_bytes()[:2000]
    path.write_bytes(content)
    advice = r'\. Replace the file; mmderain check-data'
    with pytest.raises(DataError, match=r'broken.png \(img\): expected an '
                       f'image, but: it is none, or not a whole one{advice}'):
        LoadFrames('img')({'img_path': [str(path)]})
    path.unlink()
    with pytest.raises(DataError, match=r'broken.png \(img\): expected an '
                       f'image, but: No such file or directory{advice}'):
        LoadFrames('img')({'img_path': [str(path)]})


@pytest.mark.parametrize('frames', [1, 4])
def test_a_clip_of_any_length_stays_a_clip(frames):
    results = StackFrames([*KEYS, 'absent'])(sample(frames))
    assert results['img'].shape == (frames, 3, 20, 30)
    assert results['drop_mask'].shape == (frames, 1, 20, 30)
    assert results['img'].dtype == torch.uint8
