import itertools

import cv2
import numpy as np
import pytest
from skimage import data
from sklearn.datasets import load_sample_image

from mmderain.errors import UserError
from mmderain.synthesis import (
    PRESETS,
    RaindropSettings,
    RainRenderer,
    StreakSettings,
)


def clean(num_frames=4, size=(96, 128)):
    """Smooth coloured noise that drifts to the left."""
    height, width = size
    noise = np.random.default_rng(0).integers(
        0, 256, (height, width + 2 * num_frames, 3), dtype=np.uint8)
    scene = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), None, 0, 255,
                          cv2.NORM_MINMAX)
    return [scene[:, 2 * index:2 * index + width]
            for index in range(num_frames)]


def render(preset='heavy', frames=None, **options):
    renderer = RainRenderer.from_preset(preset, **options)
    return list(renderer.render(clean() if frames is None else frames))


def same(one, other):
    return all((first == second).all()
               for frame, twin in zip(one, other, strict=True)
               for first, second in zip(frame, twin, strict=True))


@pytest.mark.parametrize('preset', ['light', 'medium', 'heavy'])
def test_parts_fit_together_exactly(preset):
    frames = clean()
    for rainy, frame in zip(render(preset), frames, strict=True):
        assert all(part.dtype == np.uint8 for part in rainy)
        assert (rainy.gt == frame).all()
        added = rainy.drop.astype(int) + rainy.streak_map[..., None]
        assert (rainy.lq == np.minimum(added, 255)).all()
        differs = (rainy.drop != rainy.gt).any(axis=2)
        assert (rainy.drop_mask == np.where(differs, 255, 0)).all()
        assert rainy.streak_map.any() and differs.any()


def test_identity_holds_where_light_saturates():
    white = [np.full((64, 64, 3), 250, np.uint8)] * 2
    settings = StreakSettings(rain_rate=150, brightness=255)
    for rainy in RainRenderer(settings).render(white):
        added = rainy.drop.astype(int) + rainy.streak_map[..., None]
        assert added.max() > 300
        assert (rainy.lq == np.minimum(added, 255)).all()


def test_heavier_rain_has_a_lower_psnr():
    def psnr(preset):
        frames = render(preset, clean(6))
        error = np.mean([np.mean((rainy.lq.astype(float) - rainy.gt) ** 2)
                         for rainy in frames])
        return 10 * np.log10(255 ** 2 / error)

    light, medium, heavy = map(psnr, ('light', 'medium', 'heavy'))
    assert light > medium + 2 and medium > heavy + 2
    assert light > 24 and 15 < heavy < 21


def luma(frame):
    """Y from 16 to 235, as rgb2ycbcr of MATLAB has it, unrounded."""
    return 16 + frame @ np.array([65.481, 128.553, 24.966]) / 255


@pytest.mark.parametrize('preset, published', [
    ('rainsyn_light', 23.69), ('rainsyn_complex', 14.67)])
def test_psnr_on_luma_is_that_of_the_rainsyn_sets(preset, published):
    photos = [data.astronaut(), data.chelsea()[:, 75:375], data.coffee(),
              load_sample_image('china.jpg')]
    values = np.zeros((len(photos), 8))
    for picture, photo in enumerate(photos):
        frame = cv2.resize(photo, (256, 256), interpolation=cv2.INTER_AREA)
        for sequence in range(8):
            rainy, = render(preset, [frame], sequence=sequence)
            error = np.mean((luma(rainy.lq) - luma(rainy.gt)) ** 2)
            values[picture, sequence] = 10 * np.log10(255 ** 2 / error)
    assert values.mean() == pytest.approx(published, abs=0.8)
    # clips of one picture differ, as their density is drawn
    assert 0.5 < values.std(axis=1).mean() < 2.5


@pytest.mark.parametrize('preset', ['heavy', 'rainsyn_complex'])
def test_seed_and_sequence_decide_everything(preset):
    first = render(preset, seed=1, sequence=2)
    np.random.seed(7)
    assert same(first, render(preset, seed=1, sequence=2))
    assert not same(first, render(preset, seed=2, sequence=2))
    assert not same(first, render(preset, seed=1, sequence=3))
    # a renderer starts the same rain for each clip
    renderer = RainRenderer.from_preset(preset, seed=1, sequence=2)
    assert same(list(renderer.render(clean())),
                list(renderer.render(clean())))


def test_streaks_and_drops_do_not_depend_on_each_other():
    settings = PRESETS['heavy']
    both = render()
    drops = list(RainRenderer(drops=settings.drops).render(clean()))
    streaks = list(RainRenderer(streaks=settings.streaks).render(clean()))
    for every, wet, falling in zip(both, drops, streaks, strict=True):
        assert (every.drop == wet.drop).all()
        assert (wet.lq == wet.drop).all() and not wet.streak_map.any()
        assert (falling.drop == falling.gt).all()
        assert not falling.drop_mask.any()
        # beside the drops the streaks are the same, behind them fainter
        near = cv2.dilate(every.drop_mask, np.ones((5, 5))) > 0
        difference = falling.streak_map.astype(int) - every.streak_map
        assert difference.min() >= 0 and difference[near].max() > 20
        assert not near.all() and not difference[~near].any()


def test_streaming_holds_one_frame_at_a_time():
    taken = []

    def source():
        for index, frame in enumerate(clean()):
            taken.append(index)
            yield frame

    rainy = RainRenderer.from_preset('light').render(source())
    next(rainy)
    assert taken == [0]
    next(rainy)
    assert taken == [0, 1]


def test_an_endless_clip_is_fine():
    frame = clean(1)[0]
    renderer = RainRenderer(drops=RaindropSettings(count=(2, 2)))
    rainy = renderer.render(itertools.repeat(frame))
    assert next(rainy).lq.shape == frame.shape


def test_the_clean_frames_stay_as_they_are():
    frames = clean()
    before = [frame.copy() for frame in frames]
    render(frames=frames)
    assert all((frame == copy).all()
               for frame, copy in zip(frames, before, strict=True))


@pytest.mark.parametrize('frames, message', [
    ([np.zeros((64, 64, 3), np.float32)], 'frame 0: expected uint8 RGB'),
    ([np.zeros((64, 64), np.uint8)], 'frame 0: expected uint8 RGB'),
    ([np.zeros((20, 64, 3), np.uint8)], 'frame 0: expected at least 32'),
    ([np.zeros((64, 64, 3), np.uint8), np.zeros((64, 66, 3), np.uint8)],
     'frame 1: expected 64x64 .* got 64x66')])
def test_wrong_frames(frames, message):
    with pytest.raises(UserError, match=message):
        render(frames=frames)


def test_wrong_preset_and_seed():
    with pytest.raises(UserError, match='light, medium, heavy'):
        RainRenderer.from_preset('drizzle')
    with pytest.raises(UserError, match='seed: expected 0 or more, got -1'):
        RainRenderer(seed=-1)
