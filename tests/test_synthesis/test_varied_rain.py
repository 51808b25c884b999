import ast
import inspect
from collections import Counter

import cv2
import numpy as np
import pytest

from mmderain.errors import UserError
from mmderain.synthesis import (
    PRESETS,
    RainRenderer,
    VariedRain,
    VariedRainRenderer,
    VariedRainSettings,
    varied_layers,
    varied_rain,
)
from mmderain.synthesis.training_clips import luma_psnr
from mmderain.synthesis.varied_layers import (
    DrawnLayer,
    LayerLook,
    NoiseLayer,
)

SIZE = (160, 200)
LAYERS = pytest.mark.parametrize('layer', [DrawnLayer, NoiseLayer])


def look(**changes):
    return LayerLook(**{**dict(length=30.0, width=1.5, angle=0.0,
                               coverage=0.05, spread=0.0, fall=None),
                        **changes})


def draw(layer, seed=0, **changes):
    return layer(look(**changes), SIZE, np.random.default_rng(seed)).draw()


def rain(seed=0, size=SIZE, **settings):
    return VariedRain(VariedRainSettings(**settings), size,
                      np.random.default_rng(seed))


def photo(seed=0):
    noise = np.random.default_rng(seed).integers(
        0, 256, (*SIZE, 3), dtype=np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 3)


@LAYERS
@pytest.mark.parametrize('angle', [-30, -10, 0, 20])
def test_streaks_have_the_direction_asked_for(layer, angle):
    drawn = cv2.GaussianBlur(draw(layer, angle=angle, coverage=0.1,
                                  length=50.0), (0, 0), 1)
    dx = cv2.Sobel(drawn, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(drawn, cv2.CV_32F, 0, 1)
    # the structure tensor's direction across the streaks
    across = 0.5 * np.arctan2(2 * (dx * dy).mean(),
                              (dx * dx - dy * dy).mean())
    assert -np.rad2deg(across) == pytest.approx(angle, abs=2)


@LAYERS
@pytest.mark.parametrize('width', [1.2, 1.5, 3.0])
def test_streaks_have_the_width_and_length_asked_for(layer, width):
    widths, tallest = [], []
    for seed in range(40):  # so few streaks that most stand alone
        drawn = draw(layer, seed, width=width, length=40.0, coverage=0.006)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            (drawn > 0.02).astype(np.uint8))
        for number in range(1, count):
            left, top, wide, tall, area = stats[number]
            if top and left and top + tall < SIZE[0] and wide < 5 * width:
                row = drawn[top + tall // 2, left:left + wide]
                widths.append(row.sum() / row.max())
                tallest.append(tall)
    assert len(widths) > 20
    # the area of a Gaussian is 1.06 heights times widths at half height
    assert np.median(widths) == pytest.approx(1.06 * width, rel=0.15)
    assert 24 < np.median(tallest) < 48


@LAYERS
def test_coverage_decides_how_much_is_covered(layer):
    means = [np.mean([draw(layer, seed, coverage=coverage).mean()
                      for seed in range(8)]) for coverage in (0.03, 0.12)]
    assert 3 < means[1] / means[0] < 4.5
    assert 0.3 * 0.03 < means[0] < 0.03


@LAYERS
def test_falling_streaks_fall_and_fresh_ones_do_not(layer):
    def shift(fall):
        """The way down that fits two frames best, and how well it does."""
        moving = layer(look(fall=fall, coverage=0.03), SIZE,
                       np.random.default_rng(1))
        first = moving.draw()
        moving.advance()
        second = moving.draw()
        fits = [np.corrcoef(first[:-step].ravel(), second[step:].ravel())[
            0, 1] for step in range(1, 60)]
        return 1 + int(np.argmax(fits)), max(fits)

    step, fit = shift(25.0)
    assert abs(step - 25) <= 4 and fit > 0.4
    assert shift(None)[1] < 0.25
    if layer is NoiseLayer:
        assert step == 25 and fit > 0.999


@LAYERS
def test_falling_rain_does_not_run_out(layer):
    moving = layer(look(fall=40.0), SIZE, np.random.default_rng(2))
    light = []
    for _ in range(40):
        light.append(moving.draw().sum())
        moving.advance()
    assert min(light[20:]) > 0.6 * np.mean(light[:20])


@pytest.mark.parametrize('composition', ['alpha', 'additive', 'screen'])
def test_compositions_follow_their_equations(composition):
    weights = dict(alpha=0.0, additive=0.0, screen=0.0)
    shower = rain(3, strength=(0.8, 0.8), veil_share=0.0,
                  **{**weights, composition: 1.0})
    assert shower.composition == composition
    frame = photo()
    background = frame / 255
    covered = shower.rain_map()[..., None]
    light = covered * shower.light
    expected = dict(
        alpha=(1 - covered) * background + light,
        additive=background + light,
        screen=1 - (1 - background) * (1 - light))[composition]
    assert covered.max() > 0.5
    np.testing.assert_allclose(
        shower.add_to(frame), 255 * np.clip(expected, 0, 1), atol=0.01)


def test_veil_is_limited_varies_and_is_behind_the_streaks():
    shower = rain(1, strength=(1.0, 1.0), veil_share=1.0)
    assert 0 < shower.veil <= 0.4
    first = shower.veil_map()
    assert first.max() <= 0.41 and first.std() > 0.05 * first.mean()
    shower.advance()
    change = np.abs(shower.veil_map() - first)
    assert 0 < change.max() < 0.3 * first.max()
    assert rain(1, strength=(0.0, 0.0), veil_share=1.0).veil == 0

    dry = rain(1, strength=(1.0, 1.0), veil_share=1.0, opacity=(0.0, 0.0))
    frame = np.full((*SIZE, 3), 40, np.uint8)
    veil = dry.veil_map()[..., None]
    np.testing.assert_allclose(
        dry.add_to(frame),
        np.broadcast_to(40 * (1 - veil) + 255 * dry._veil_light * veil,
                        frame.shape), atol=0.01)


def test_draws_stay_in_their_ranges_and_use_them():
    showers = [rain(seed, (32, 32)) for seed in range(500)]
    looks = [look for shower in showers for look in shower.looks]
    for name, low, high in (('length', 5, 60), ('width', 0.7, 3),
                            ('coverage', 0.01, 0.45), ('angle', -30, 30)):
        values = [getattr(item, name) for item in looks]
        assert low <= min(values) and max(values) <= high
        assert max(values) - min(values) > 0.85 * (high - low)
    assert all(item.width <= max(0.7, item.length / 6) for item in looks)
    falls = [item.fall for item in looks if item.fall is not None]
    assert 15 <= min(falls) < 16 and 39 < max(falls) <= 40
    assert 0.44 < len(falls) / len(looks) < 0.56
    opacities = [value for shower in showers for value in shower.opacities]
    assert 0.12 <= min(opacities) < 0.16 and 0.9 < max(opacities) <= 0.95
    assert {len(shower.layers) for shower in showers} == {1, 2, 3, 4}
    kinds = Counter(type(layer) for shower in showers
                    for layer in shower.layers)
    assert 0.39 < kinds[NoiseLayer] / len(looks) < 0.51
    compositions = Counter(shower.composition for shower in showers)
    for name, share in (('alpha', 0.4), ('additive', 0.35),
                        ('screen', 0.25)):
        assert compositions[name] / 500 == pytest.approx(share, abs=0.07)
    assert 0.52 < np.mean([shower.veil > 0 for shower in showers]) < 0.68


def test_presets_are_of_rising_strength():
    frame = photo(5)
    quality = []
    for name in ('varied_light', 'varied_medium', 'varied_heavy'):
        quality.append(np.mean([
            luma_psnr(next(VariedRainRenderer(
                PRESETS[name].varied, 7, sequence).render([frame])).lq, frame)
            for sequence in range(12)]))
    assert quality[0] > quality[1] + 3 > quality[2] + 6


def test_clips_of_any_length_are_the_same_for_a_seed():
    frames = [photo(number) for number in range(3)]

    def rendered(seed, sequence, clip):
        return np.stack([pair.lq for pair in VariedRainRenderer(
            VariedRainSettings(), seed, sequence).render(iter(clip))])

    one = rendered(4, 2, frames)
    assert (one == rendered(4, 2, frames)).all()
    assert (one[:2] == rendered(4, 2, frames[:2])).all()
    assert (one != rendered(4, 3, frames)).any()
    assert (one != rendered(5, 2, frames)).any()
    pairs = list(VariedRainRenderer(VariedRainSettings()).render(frames))
    assert all((pair.gt == frame).all()
               for pair, frame in zip(pairs, frames, strict=True))
    with pytest.raises(UserError, match='frame 1: expected 160x200'):
        list(VariedRainRenderer(VariedRainSettings()).render(
            [frames[0], frames[0][:100]]))


@pytest.mark.parametrize('settings, message', [
    (dict(angle=90.0), 'angle'), (dict(opacity=(0.5, 0.2)), 'opacity'),
    (dict(length=(1, 2, 3)), 'length'),
    (dict(alpha=0.0, additive=0.0, screen=0.0), 'composition')])
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        VariedRainSettings(**settings)


def test_rain_without_maps_is_refused_where_maps_are_asked_for():
    with pytest.raises(UserError, match='VariedRainRenderer'):
        RainRenderer.from_preset('varied_light')


def test_evaluation_by_the_other_renderers_is_independent():
    """Neither module may draw with what the other renderers draw with."""
    for module in (varied_rain, varied_layers):
        imported = {node.module for node in ast.walk(
            ast.parse(inspect.getsource(module)))
            if isinstance(node, ast.ImportFrom)}
        assert {name for name in imported if name.startswith('mmderain')} <= {
            'mmderain.errors', 'mmderain.synthesis.camera',
            'mmderain.synthesis.varied_layers'}
