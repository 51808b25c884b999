"""Ready-made rain, by the set that it resembles."""

from typing import NamedTuple

from mmderain.errors import UserError
from mmderain.synthesis.fresh_streaks import FreshStreakSettings
from mmderain.synthesis.layouts import RAINSYN, RAINSYN_PAIRS, VRDS
from mmderain.synthesis.occlusions import OcclusionSettings
from mmderain.synthesis.raindrops import RaindropSettings
from mmderain.synthesis.streaks import StreakSettings
from mmderain.synthesis.varied_rain import VariedRainSettings


class RainSettings(NamedTuple):
    """What a preset stands for."""

    streaks: StreakSettings | FreshStreakSettings | None
    drops: RaindropSettings | None
    occlusions: OcclusionSettings | None = None
    layout: str = VRDS.name  # of the set that it resembles
    varied: VariedRainSettings | None = None  # instead of all others


def _varied(strength: tuple[float, float],
            layers: tuple[int, int]) -> RainSettings:
    return RainSettings(
        None, None, layout=RAINSYN_PAIRS.name,
        varied=VariedRainSettings(strength=strength, layers=layers))


PRESETS = {
    'light': RainSettings(
        StreakSettings(rain_rate=10, diameters=(2.2, 5.0), brightness=50),
        RaindropSettings(count=(4, 8), radius=(0.01, 0.03), sliding=0.15)),
    'medium': RainSettings(
        StreakSettings(rain_rate=25, diameters=(2.7, 5.5), brightness=75),
        RaindropSettings(count=(10, 16), radius=(0.012, 0.04))),
    'heavy': RainSettings(
        StreakSettings(rain_rate=50, brightness=90),
        RaindropSettings(count=(20, 30), radius=(0.015, 0.055))),
    'rainsyn_light': RainSettings(
        FreshStreakSettings(), None, layout=RAINSYN.name),
    'rainsyn_complex': RainSettings(
        FreshStreakSettings(
            density=(400, 850), spread=3.0, length=(0.06, 0.24),
            width=(0.004, 0.011), brightness=(40, 140),
            line_density=(30, 80), sparkle_density=(150, 500)),
        None, OcclusionSettings(), RAINSYN.name),
    'varied_light': _varied((0.25, 0.45), (1, 2)),
    'varied_medium': _varied((0.45, 0.65), (2, 3)),
    'varied_heavy': _varied((0.7, 0.9), (2, 4)),
}


def preset_settings(name: str) -> RainSettings:
    """The settings of a preset.

    Raises:
        UserError: There is no such preset.
    """
    if name not in PRESETS:
        raise UserError(f'preset: expected one of {", ".join(PRESETS)}, got '
                        f'{name!r}.')
    return PRESETS[name]
