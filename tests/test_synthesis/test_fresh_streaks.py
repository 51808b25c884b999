import cv2
import numpy as np
import pytest

from mmderain.errors import UserError
from mmderain.synthesis import (
    PRESETS,
    FreshStreaks,
    FreshStreakSettings,
    sequence_rng,
)

SIZE = (192, 192)
# One kind of rain at a time, every frame alike.
STEADY = dict(flicker=0.0, sway=0.0)
DOWN = dict(angle=(0, 0), spread=0.0)
NO_STREAKS = dict(density=(0, 0))
LIGHT = PRESETS['rainsyn_light'].streaks
COMPLEX = PRESETS['rainsyn_complex'].streaks


def rain(settings=None, size=SIZE, sequence=0, **changes):
    return FreshStreaks(settings or FreshStreakSettings(**changes), size,
                        sequence_rng(0, sequence, 'streaks'))


def direction(light):
    """Degrees from straight down, by the structure tensor."""
    # smooth enough for differences of neighbours
    down, right = np.gradient(cv2.GaussianBlur(light, (0, 0), 3))
    turn = 0.5 * np.arctan2(2 * (down * right).sum(),
                            (right ** 2 - down ** 2).sum())
    # the gradient is across the streaks
    return -np.rad2deg(turn)


@pytest.mark.parametrize('angle', [-30, 0, 20])
@pytest.mark.parametrize('kind', ['streaks', 'lines'])
def test_direction_is_that_of_the_settings(angle, kind):
    lines = NO_STREAKS | dict(line_density=(200, 200))
    streaks = rain(**STEADY, angle=(angle, angle), spread=1.0,
                   **(lines if kind == 'lines' else {}))
    assert streaks.angle == angle
    assert direction(streaks.draw()) == pytest.approx(angle, abs=3)


def test_clips_differ_in_direction_and_density_within_the_settings():
    clips = [rain(LIGHT, sequence=index) for index in range(20)]
    angles = [clip.angle for clip in clips]
    assert min(angles) < -15 and max(angles) > 15
    assert min(angles) >= -35 and max(angles) <= 35
    densities = [clip.density for clip in clips]
    low, high = LIGHT.density
    assert low <= min(densities) and max(densities) <= high
    assert max(densities) > 1.8 * min(densities)
    # the drawn light follows
    light = [clip.draw().mean() for clip in clips]
    assert np.corrcoef(densities, light)[0, 1] > 0.8
    seen = [direction(clip.draw()) for clip in clips]
    assert np.corrcoef(angles, seen)[0, 1] > 0.98


def test_each_frame_is_fresh_but_of_one_kind():
    streaks = rain(**STEADY, angle=(25, 25))
    frames = []
    for _ in range(6):
        frames.append(streaks.draw())
        assert (frames[-1] == streaks.draw()).all()
        streaks.advance()
    for before, after in zip(frames, frames[1:], strict=False):
        assert abs(np.corrcoef(before.ravel(), after.ravel())[0, 1]) < 0.1
    assert [direction(frame) for frame in frames] == pytest.approx(
        [25] * 6, abs=4)


def test_direction_strays_from_frame_to_frame_and_streak_to_streak():
    vector = rain(spread=5.0)._lines(
        2000, (0.1, 0.2), 10, np.random.default_rng(0))[1]
    angles = np.rad2deg(np.arctan2(*vector.T))
    assert angles.std() == pytest.approx(5, rel=0.1)
    assert angles.mean() == pytest.approx(10, abs=0.5)
    drawn = []
    streaks = rain(angle=(10, 10), sway=6.0, spread=0.0)
    for _ in range(40):
        drawn.append(direction(streaks.draw()))
        streaks.advance()
    assert np.std(drawn) == pytest.approx(6, rel=0.4)


def test_number_of_streaks_is_that_of_the_settings():
    # straight, short and far apart: a local maximum each, but for overlaps
    streaks = rain(size=(384, 384), **STEADY, **DOWN, density=(60, 60),
                   length=(0.02, 0.02), width=(0.004, 0.004),
                   brightness=(100, 100), oscillation=0.0)
    peaks = []
    for _ in range(8):
        light = streaks.draw()
        middle = light[1:-1, 1:-1]
        around = np.max([light[1 + y:383 + y, 1 + x:383 + x]
                         for y in (-1, 0, 1) for x in (-1, 0, 1)], axis=0)
        peaks.append(np.count_nonzero((middle == around) & (middle > 50)))
        streaks.advance()
    assert np.mean(peaks) == pytest.approx(60, rel=0.12)


def test_length_width_and_brightness_of_a_streak():
    width = 0.02
    light = rain(size=(400, 400), **STEADY, **DOWN, density=(3, 3),
                 length=(0.3, 0.3), width=(width, width), oscillation=0.0,
                 brightness=(120, 120)).draw()
    row, column = np.unravel_index(light.argmax(), light.shape)
    assert light.max() == pytest.approx(120, rel=0.05)
    across, along = light[row], light[:, column]
    # sampled to a pixel, so known to one
    assert np.count_nonzero(across > 60) == pytest.approx(8, abs=1)
    assert 0.75 * 120 < np.count_nonzero(along > 60) < 120


def test_light_is_even_over_the_frame():
    streaks = rain(size=(96, 96), **STEADY, angle=(30, 30))
    total = np.zeros((96, 96))
    for _ in range(150):
        total += streaks.draw()
        streaks.advance()
    for axis in (0, 1):
        thirds = total.sum(axis=axis).reshape(3, 32).sum(axis=1)
        assert thirds.max() < 1.15 * thirds.min()


def test_large_and_small_frames_look_alike():
    means = []
    for side in (128, 384):
        streaks = rain(size=(side, side), **STEADY)
        means.append([])
        for _ in range(12):
            means[-1].append(streaks.draw().mean())
            streaks.advance()
    assert np.mean(means[0]) == pytest.approx(np.mean(means[1]), rel=0.15)


def test_oscillation_varies_the_light_along_a_streak():
    def turns(oscillation, sequence):
        """How often the brightest streak's light turns up or down."""
        light = rain(size=(400, 400), sequence=sequence, **STEADY, **DOWN,
                     density=(3, 3), length=(0.4, 0.4), width=(0.02, 0.02),
                     oscillation=oscillation).draw()
        along = light[:, np.unravel_index(light.argmax(), light.shape)[1]]
        return np.count_nonzero(np.diff(np.sign(np.diff(along[along > 10]))))

    assert max(turns(0.0, index) for index in range(6)) == 1
    # up to two and a half waves with as many crests
    varied = [turns(0.9, index) for index in range(6)]
    assert max(varied) >= 3 and len(set(varied)) > 1


def test_lines_are_sharp_and_even():
    longest = []
    for index in range(6):
        light = rain(sequence=index, **STEADY, **DOWN, **NO_STREAKS,
                     line_density=(1, 1), line_length=(0.4, 0.4),
                     line_width=(0.03, 0.03),
                     line_brightness=(150, 150)).draw()
        # full light or none, but at the smoothed edges
        full = np.count_nonzero(light == 150)
        assert full >= 0.6 * np.count_nonzero(light)
        longest.append(np.count_nonzero(light == 150, axis=0).max())
    # some are cut by the frame
    assert max(longest) == pytest.approx(0.4 * SIZE[1] + 6, abs=6)
    thin = rain(**STEADY, **DOWN, **NO_STREAKS, line_density=(3, 3)).draw()
    assert 0 < np.count_nonzero(thin.max(axis=0) > 20) <= 3 * 4


def test_sparkles_are_round_and_bright():
    light = rain(size=(400, 400), **STEADY, **NO_STREAKS,
                 sparkle_density=(40, 40), sparkle_width=0.015,
                 sparkle_brightness=(200, 200)).draw()
    assert light.max() == pytest.approx(200, rel=0.1)
    spots = light > 100
    # 40 discs of 6 pixels across, few of which overlap or are cut
    assert spots.sum() == pytest.approx(40 * np.pi * 3 ** 2, rel=0.25)


def test_flicker_varies_the_number_of_streaks():
    def spread(flicker):
        streaks = rain(size=(96, 96), sway=0.0, flicker=flicker,
                       density=(3000, 3000))
        means = []
        for _ in range(20):
            means.append(streaks.draw().mean())
            streaks.advance()
        return np.std(means) / np.mean(means)

    assert spread(0.5) > 3 * spread(0.0)


def test_the_settings_differ_as_the_sets_do():
    def figures(settings):
        frames = np.stack([rain(settings, (256, 256), index).draw()
                           for index in range(8)])
        sharp = np.abs(np.diff(frames, axis=2))
        return (frames > 20).mean(), frames.mean(), (sharp > 60).mean()

    light, dense = figures(LIGHT), figures(COMPLEX)
    assert 0.1 < light[0] < 0.3 < dense[0] < 0.7
    assert dense[1] > 2 * light[1]
    assert dense[2] > 5 * light[2]


def test_no_rain_draws_nothing():
    assert rain(**NO_STREAKS).draw().max() == 0


@pytest.mark.parametrize('name, value', [
    ('density', (0, 1e6)), ('density', (5, 3)), ('angle', (-90, 0)),
    ('length', (0.0, 0.1)), ('width', (0.001, 0.2)),
    ('brightness', (0, 300)), ('oscillation', 1.2), ('sway', -1),
    ('line_length', (0.1,)), ('sparkle_brightness', (float('nan'), 3))])
def test_settings_out_of_range_are_named(name, value):
    with pytest.raises(
            UserError, match=f'FreshStreakSettings.{name}: expected .* got'):
        FreshStreakSettings(**{name: value})
