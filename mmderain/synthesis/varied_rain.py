"""Rain of many looks, for training a network that is to work on any rain.

It is a wide net and not a model of nature: layers of drawn lines and filtered
noise in three ways of composition, with a veil. See docs/synthesis.md.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from mmderain.errors import UserError
from mmderain.synthesis.camera import check_ranges
from mmderain.synthesis.varied_layers import DrawnLayer, LayerLook, NoiseLayer

COMPOSITIONS = ('alpha', 'additive', 'screen')
_VEIL_CELLS = 4  # points per side that the veil's variation runs between


@dataclass(frozen=True)
class VariedRainSettings:
    """How varied the rain is. All is drawn once for a clip or a layer.

    The clip's strength, 0 to 1, raises the number of layers, their coverage
    and opacity, and the veil. Pixels are the frame's, whatever its size.

    Args:
        strength: Of a clip.
        layers: Fewest and most layers.
        noise_share: Share of layers that are filtered noise, not lines.
        fresh_share: Share of layers whose streaks are in fresh places in
            each frame; the others fall.
        fall: Pixels a frame that a falling layer moves.
        length: Of a layer's longest streaks, in pixels; the others have 0.6
            of it or more.
        width: Of a layer's streaks at half their height, in pixels; a sixth
            of their length at most, as far as the range allows.
        angle: Largest, in degrees from straight down to either side.
        layer_angle: How far a layer's angle strays from the clip's at most.
        spread: Of the angle from streak to streak, standard deviation.
        coverage: Area of a layer's streaks in areas of the frame.
        opacity: Of a layer's brightest streaks.
        alpha: Weight of the composition ``B (1 - r) + L r``.
        additive: Weight of the composition ``B + L r``.
        screen: Weight of the composition ``1 - (1 - B) (1 - L r)``.
        light: Brightness L of the rain, 1 for white.
        tint: How far L may stray from grey in a channel.
        veil_share: Share of clips with a veil.
        veil: Largest share of the light that the veil takes away.
        veil_variation: How much the veil varies over the frame and slowly in
            time, in parts of itself.
        veil_light: Brightness of the veil.

    Raises:
        UserError: A value is out of range.
    """

    strength: tuple[float, float] = (0.0, 1.0)
    layers: tuple[int, int] = (1, 4)
    noise_share: float = 0.45
    fresh_share: float = 0.5
    fall: tuple[float, float] = (15.0, 40.0)
    length: tuple[float, float] = (5.0, 60.0)
    width: tuple[float, float] = (0.7, 3.0)
    angle: float = 30.0
    layer_angle: float = 4.0
    spread: float = 2.0
    coverage: tuple[float, float] = (0.01, 0.45)
    opacity: tuple[float, float] = (0.12, 0.95)
    alpha: float = 0.4
    additive: float = 0.35
    screen: float = 0.25
    light: tuple[float, float] = (0.65, 1.0)
    tint: float = 0.04
    veil_share: float = 0.6
    veil: float = 0.4
    veil_variation: float = 0.4
    veil_light: tuple[float, float] = (0.45, 0.95)

    def __post_init__(self) -> None:
        unit = (0, 1)
        check_ranges(
            self, strength=unit, layers=(1, 8), noise_share=unit,
            fresh_share=unit, fall=(0, 500), length=(2, 500), width=(0.3, 20),
            angle=(0, 80), layer_angle=(0, 45), spread=(0, 45),
            coverage=(1e-4, 2), opacity=unit, alpha=(0, 1e3),
            additive=(0, 1e3), screen=(0, 1e3), light=unit, tint=(0, 0.5),
            veil_share=unit, veil=unit, veil_variation=unit, veil_light=unit)
        if not self.alpha + self.additive + self.screen:
            raise UserError('VariedRainSettings: expected a composition of '
                            'some weight, got alpha, additive and screen 0.')


def _between(bounds: tuple[float, float], at: float) -> float:
    return float(bounds[0] + (bounds[1] - bounds[0]) * at)


class VariedRain:
    """The rain of one clip.

    Args:
        settings: How varied it is.
        size: (height, width) of the frames.
        rng: Source of every random choice.
    """

    def __init__(self, settings: VariedRainSettings, size: tuple[int, int],
                 rng: np.random.Generator) -> None:
        self.size = size
        self.strength = strength = float(rng.uniform(*settings.strength))
        self.angle = float(rng.uniform(-1, 1) * max(
            0.0, settings.angle - settings.layer_angle))
        few, most = settings.layers
        count = min(most, few + int(
            rng.random() * (1 + strength * (most - few))))
        self.looks = [self._look(settings, rng) for _ in range(count)]
        self.opacities = [_between(
            settings.opacity, 0.7 * strength + 0.3 * rng.random())
            for _ in self.looks]
        self.layers = [
            (NoiseLayer if rng.random() < settings.noise_share
             else DrawnLayer)(look, size, rng) for look in self.looks]
        weights = np.array([getattr(settings, name)
                            for name in COMPOSITIONS], float)
        self.composition = str(rng.choice(
            COMPOSITIONS, p=weights / weights.sum()))
        self.light = np.clip(
            rng.uniform(*settings.light)
            + rng.uniform(-1, 1, 3) * settings.tint, 0, 1).astype(np.float32)
        veiled = rng.random() < settings.veil_share
        self.veil = float(veiled * settings.veil * strength * rng.random())
        self._veil_most = settings.veil
        self._veil_light = float(rng.uniform(*settings.veil_light))
        self._variation = settings.veil_variation
        self._fields = rng.uniform(
            -1, 1, (2, _VEIL_CELLS, _VEIL_CELLS)).astype(np.float32)
        self._period = float(rng.uniform(20, 60))
        self._time = 0

    def _look(self, settings: VariedRainSettings,
              rng: np.random.Generator) -> LayerLook:
        low, high = np.log(settings.coverage)
        length = _between(settings.length, rng.random())
        # No streak is as wide as a snow flake.
        thin, thick = settings.width
        thick = max(thin, min(thick, length / 6))
        return LayerLook(
            length=length, width=float(rng.uniform(thin, thick)),
            angle=self.angle + settings.layer_angle * rng.uniform(-1, 1),
            coverage=float(np.exp(_between(
                (low, high), 0.7 * self.strength + 0.3 * rng.random()))),
            spread=settings.spread * rng.random(),
            fall=None if rng.random() < settings.fresh_share
            else float(rng.uniform(*settings.fall)))

    def advance(self) -> None:
        """Move on by a frame."""
        self._time += 1
        for layer in self.layers:
            layer.advance()

    def facts(self) -> dict:
        """What was drawn for the clip, fit for JSON."""
        return dict(
            strength=round(self.strength, 4), composition=self.composition,
            veil=round(self.veil, 4), layers=[
                dict(kind='noise' if isinstance(layer, NoiseLayer)
                     else 'lines', opacity=round(opacity, 4),
                     **{name: value if value is None else round(value, 4)
                        for name, value in look._asdict().items()})
                for layer, look, opacity in zip(
                    self.layers, self.looks, self.opacities, strict=True)])

    def rain_map(self) -> np.ndarray:
        """How much rain covers each pixel, (h, w) float32, 0 to 1."""
        through = np.ones(self.size, np.float32)
        for layer, opacity in zip(self.layers, self.opacities, strict=True):
            through *= 1 - opacity * np.minimum(layer.draw(), 1)
        return 1 - through

    def veil_map(self) -> np.ndarray:
        """How much the veil covers each pixel, (h, w) float32.

        0 to 1, but for the little that cubic interpolation swings over.
        """
        turn = 2 * np.pi * self._time / self._period
        field = self._fields[0] * np.cos(turn) + self._fields[1] * np.sin(turn)
        coarse = self.veil * (1 + self._variation * field)
        coarse = np.clip(coarse, 0, self._veil_most)
        return cv2.resize(coarse, self.size[::-1],
                          interpolation=cv2.INTER_CUBIC)

    def add_to(self, frame: np.ndarray) -> np.ndarray:
        """The frame in the present rain.

        Args:
            frame: (h, w, 3) uint8 RGB.

        Returns:
            (h, w, 3) float32 in grey levels, 0 to 255, unrounded.
        """
        result = frame.astype(np.float32) / 255
        if self.veil:
            veil = self.veil_map()[..., None]
            result += veil * (self._veil_light - result)
        rain = self.rain_map()[..., None]
        if self.composition == 'alpha':
            result += rain * (self.light - result)
        elif self.composition == 'additive':
            result += rain * self.light
        else:
            result += rain * self.light * (1 - result)
        return np.clip(result * 255, 0, 255)
