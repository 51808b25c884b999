import cv2
import numpy as np
import pytest

from mmderain.errors import UserError
from mmderain.synthesis import (
    Camera,
    RainStreaks,
    StreakSettings,
    sequence_rng,
)
from mmderain.synthesis.streaks import (
    drops_per_cubic_metre,
    terminal_velocity,
)

# All drops alike: one diameter, one depth, one wind.
ALIKE = dict(diameters=(3.0, 3.05), depths=(2.5, 2.501), wind=(2.0, 2.0),
             gust=0.0, density=100.0)
RATE = dict(rain_rate=200.0, brightness=100.0)


def streaks(size=(160, 160), camera=None, **settings):
    return RainStreaks(StreakSettings(**settings), camera or Camera(), size,
                       sequence_rng(0, 0, 'streaks'))


def one_streak(size=(160, 160), camera=None, **changes):
    """A clip's only streak, in the middle of the frame."""
    settings = dict(ALIKE, brightness_jitter=0.0) | changes
    rain = streaks(size, camera, rain_rate=300.0, brightness=100.0,
                   **{**settings, 'depths': (2.5, 2.9)})
    layer = rain._layers[0]
    for name in ('position', 'streak', 'step', 'length', 'gain', 'diameter'):
        setattr(layer, name, getattr(layer, name)[:1])
    layer.gain[:] = 1
    layer.position[:] = np.array(size[::-1]) / 2 - layer.streak / 2
    return rain


def test_terminal_velocity_follows_gunn_and_kinzer():
    # measured in 1949, in m/s, for diameters in mm
    measured = {1.0: 4.03, 2.0: 6.49, 3.0: 8.06, 4.0: 8.83, 5.0: 9.09}
    for diameter, speed in measured.items():
        assert terminal_velocity(diameter) == pytest.approx(speed, abs=0.25)


def test_number_of_drops_is_the_integral_of_marshall_and_palmer():
    diameters = np.linspace(2, 5, 10_001)
    density = 8000 * np.exp(-4.1 * 20 ** -0.21 * diameters)
    assert drops_per_cubic_metre(20, 2, 5) == pytest.approx(
        np.trapz(density, diameters), rel=1e-5)


def test_streaks_move_with_the_settings_velocity():
    camera = Camera(fps=50, exposure=0.01)
    rain = streaks(camera=camera, **{**ALIKE, 'depths': (2.5, 2.53)}, **RATE)
    before = rain.draw()
    assert before.max() > 10
    rain.advance()
    (across, down), response = cv2.phaseCorrelate(
        before.astype(np.float64), rain.draw().astype(np.float64))
    scale = camera.pixels_per_metre(160, 2.515) / camera.fps
    assert response > 0.3
    assert across == pytest.approx(2.0 * scale, abs=0.12)
    assert down == pytest.approx(terminal_velocity(3.0) * scale, rel=0.03)


@pytest.mark.parametrize('exposure', [0.01, 0.02])
def test_length_is_speed_times_exposure(exposure):
    camera = Camera(exposure=exposure)
    rain = one_streak(camera=camera, wind=(0.0, 0.0))
    profile = rain.draw().sum(axis=1)
    # the length of an even line with the same spread, less the blur's
    rows = np.arange(len(profile))
    mean = np.average(rows, weights=profile)
    spread = np.average((rows - mean) ** 2, weights=profile)
    length = np.sqrt(12 * (spread - rain._layers[0].sigma ** 2))
    depth = 160 / rain._layers[0].length[0] * terminal_velocity(3) * exposure
    assert 2.5 <= depth <= 2.9
    # the fading ends make it look shorter
    assert 0.7 < length / rain._layers[0].length[0] < 1.0


def test_brightness_and_width_of_a_streak():
    rain = one_streak((320, 320), wind=(0.0, 0.0))
    light = rain.draw()
    row = light[160]
    assert row.max() == pytest.approx(100, rel=0.1)
    width = (3 + 8) / 1000 * 320 / 2.7
    assert np.count_nonzero(row > row.max() / 2) == pytest.approx(width, abs=1)


def test_near_streaks_are_longer_wider_faster_and_fewer():
    rain = streaks(**RATE)
    near, far = rain._layers[0], rain._layers[-1]
    assert near.length.min() > far.length.max()
    assert near.sigma > 2 * far.sigma
    assert near.step[:, 1].min() > far.step[:, 1].max()
    assert len(near.position) < len(far.position) / 3


def test_large_and_small_frames_look_alike():
    small = streaks((96, 96), **RATE, wind=(1.0, 1.0))
    large = streaks((384, 384), **RATE, wind=(1.0, 1.0))
    means = [[], []]
    for _ in range(20):
        for rain, values in zip((small, large), means, strict=True):
            values.append(rain.draw().mean())
            rain.advance()
    assert np.mean(means[0]) == pytest.approx(np.mean(means[1]), rel=0.15)


def test_rain_stays_even_over_the_frame_and_in_time():
    rain = streaks((96, 96), **RATE, wind=(3.0, 3.0))
    total = np.zeros((96, 96))
    means = []
    for _ in range(200):
        light = rain.draw()
        total += light
        means.append(light.mean())
        rain.advance()
    for axis in (0, 1):
        thirds = total.sum(axis=axis).reshape(3, 32).sum(axis=1)
        assert thirds.max() < 1.15 * thirds.min()
    assert np.mean(means[100:]) == pytest.approx(np.mean(means[:100]), rel=0.1)


def test_wind_is_drawn_from_its_range():
    winds = [RainStreaks(StreakSettings(wind=(-4, 4)), Camera(), (64, 64),
                         sequence_rng(0, index, 'streaks')).wind
             for index in range(12)]
    assert min(winds) < -1 and max(winds) > 1
    assert min(winds) >= -4 and max(winds) <= 4


def test_no_drop_at_all_draws_nothing():
    assert streaks(density=0.0).draw().max() == 0


def test_too_many_streaks_are_refused():
    with pytest.raises(UserError, match='expected at most 50000'):
        streaks(rain_rate=300.0, diameters=(0.5, 5.0), depths=(1.0, 50.0))
