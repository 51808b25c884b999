"""The weights that come with the package do what their card says."""

import cv2
import numpy as np
import pytest

from mmderain import weights
from mmderain.apis import DerainInferencer
from mmderain.cli.synthesize import main as synthesize
from mmderain.synthesis.free_pictures import free_picture
from mmderain.synthesis.training_clips import luma_psnr

# of pictures that no training clip shows
HELD_OUT = ('chelsea', 'rocket')


@pytest.fixture(scope='module')
def inferencer():
    return DerainInferencer(device='cpu', dtype='float32')


@pytest.fixture(scope='module', params=['default', 'aligned_median_3'])
def whole(request, inferencer):
    return inferencer if request.param == 'default' else DerainInferencer(
        model_name=request.param)


def rendered(folder, name, preset):
    """A rainy and a clean clip, (t, h, w, 3) RGB."""
    folder.mkdir()
    cv2.imwrite(str(folder / f'{name}.png'), free_picture(name)[..., ::-1])
    assert synthesize([
        str(folder), str(folder / 'set'), '--preset', preset, '--from-still',
        '--split', 'test', '--num-frames', '9', '--size', '144x192',
        '--seed', '5', '--no-drops']) == 0
    return [np.stack([cv2.imread(str(path))[..., ::-1] for path in sorted(
        (folder / 'set' / 'test' / kind / name).iterdir())])
        for kind in ('input', 'gt')]


# The gains when the weights were shipped: 10.4 and 8.3, 13.0 and 12.8, 13.5
# and 10.8, 11.5 and 11.9 dB (chelsea and rocket), of aligned_median_3.
@pytest.mark.parametrize('name', HELD_OUT)
@pytest.mark.parametrize('preset, gain', [
    ('varied_light', 7.5), ('varied_heavy', 11.5), ('rainsyn_light', 9.5),
    ('rainsyn_complex', 10)])
def test_rain_goes(whole, tmp_path, name, preset, gain):
    rainy, clean = rendered(tmp_path / 'a', name, preset)
    restored = whole(rainy)
    before = [luma_psnr(*pair) for pair in zip(rainy, clean, strict=True)]
    after = [luma_psnr(*pair) for pair in zip(restored, clean, strict=True)]
    assert np.mean(after) - np.mean(before) > gain
    # and no single frame is the worse for it
    assert min(np.subtract(after, before)) > 0


# below the same without a guide when they were shipped: 0 and .8 dB, and 0 and
# 2.1 dB
@pytest.mark.parametrize(('name', 'alignment', 'loss'), [
    ('fast', 'composed', 1), ('realtime', 'quick', 2.5)])
@pytest.mark.parametrize('preset', ['varied_light', 'varied_heavy'])
def test_the_fast_ones_lose_little(tmp_path, preset, name, alignment, loss):
    rainy, clean = rendered(tmp_path / 'a', 'rocket', preset)
    whole = DerainInferencer(model_name='aligned_median_2')
    fast = DerainInferencer(model_name=name)
    assert fast.restorer.backend.settings['alignment'] == alignment
    scores = [np.mean([luma_psnr(*pair) for pair in zip(
        model(rainy), clean, strict=True)]) for model in (whole, fast)]
    assert scores[1] > scores[0] - loss


# .1 below the default when they were shipped, and .0
@pytest.mark.parametrize('preset', ['varied_light', 'varied_heavy'])
def test_eight_bits_lose_next_to_nothing(inferencer, tmp_path, preset):
    rainy, clean = rendered(tmp_path / 'a', 'chelsea', preset)
    scores = [np.mean([luma_psnr(*pair) for pair in zip(
        model(rainy), clean, strict=True)]) for model in (
            inferencer, DerainInferencer(model_name='aligned_median_int8'))]
    assert scores[1] > scores[0] - 0.3


# to the bit when they were shipped
@pytest.mark.parametrize('model', [
    None, 'aligned_median_int8', 'realtime', 'aligned_median_3'])
@pytest.mark.parametrize('name', HELD_OUT)
def test_clean_video_stays(inferencer, tmp_path, name, model):
    _, clean = rendered(tmp_path / 'a', name, 'rainsyn_light')
    restored = (DerainInferencer(model_name=model) if model
                else inferencer)(clean)
    assert np.mean([luma_psnr(*pair) for pair in zip(
        restored, clean, strict=True)]) > 70


def panning(frames, name='chelsea'):
    """A clip of a picture that moves a pixel a frame."""
    picture = free_picture(name)
    return np.stack([picture[40:168, 60 + index:220 + index]
                     for index in range(frames)]).astype(int)


def grid():
    """Without the guard whole frames turn black: 3 dB."""
    picture = np.full((256, 320, 3), 230, np.uint8)
    picture[::8] = 20
    picture[:, ::8] = 20
    return np.stack([picture[:128, 2 * step:2 * step + 160]
                     for step in range(9)])


def lightning():
    """30 dB in the last frame that it lights up."""
    light = [0.35] * 4 + [1.3] * 2 + [0.35] * 3 + [1.3] + [0.35] * 3
    return panning(13) * np.array(light)[:, None, None, None]


def flash():
    """7 dB."""
    clip = panning(9)
    clip[4] += 120
    return clip


def cut():
    """46 dB in a frame before it."""
    return np.concatenate([panning(6, 'coffee') * 1.1,
                           panning(12, 'rocket')[6:] * 0.4])


def fence():
    """20 dB in one frame."""
    clip = panning(14)
    for time, frame in enumerate(clip):
        for place in range(4 * time % 10, 160, 10):
            frame[30:, place:place + 2] = 225
    return clip


def worst(clip, **options):
    derain = DerainInferencer(device='cpu', dtype='float32', **options)
    return min(luma_psnr(*pair) for pair in zip(
        derain(clip), clip, strict=True))


# The worst frames when this was written: 99 dB, and with the default 99, 88,
# 80, 78 and 54. What the former network makes of lightning alone was below 20
# dB, too, until it was trained on light that changes.
@pytest.mark.parametrize('make, least, unguarded', [
    (grid, 60, 20), (lightning, 60, 35), (flash, 60, 20), (cut, 60, 50),
    (fence, 50, 45)])
def test_nothing_is_destroyed(make, least, unguarded):
    clip = make().clip(0, 255).astype(np.uint8)
    assert worst(clip) > least
    former = dict(model_name='aligned_median_3')
    assert worst(clip, **former) > least
    # and it is the guard that does it
    assert worst(clip, **former, test_cfg=dict(guard=False)) < unguarded


@pytest.mark.parametrize('name', HELD_OUT)
@pytest.mark.parametrize('preset', ['varied_light', 'rainsyn_complex'])
def test_the_guard_costs_nothing_in_rain(inferencer, tmp_path, name, preset):
    rainy, clean = rendered(tmp_path / 'a', name, preset)
    raw = DerainInferencer(device='cpu', dtype='float32',
                           test_cfg=dict(guard=False))
    guarded, unguarded = (
        np.mean([luma_psnr(*pair) for pair in zip(
            derain(rainy), clean, strict=True)])
        for derain in (inferencer, raw))
    assert guarded > unguarded - 0.05


def test_bfloat16_is_as_good(inferencer, tmp_path):
    rainy, _ = rendered(tmp_path / 'a', 'rocket', 'rainsyn_light')
    half = DerainInferencer(device='cpu', dtype='bfloat16')(rainy)
    assert min(luma_psnr(*pair) for pair in zip(
        half, inferencer(rainy), strict=True)) > 40


def test_the_default_is_ours():
    assert weights.SHIPPED[0].method == 'aligned_median'
