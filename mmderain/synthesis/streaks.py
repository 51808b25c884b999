"""Rain streaks: falling drops seen through a camera's exposure.

The drops' sizes follow Marshall and Palmer (1948), their speeds Gunn and
Kinzer (1949) in the fit of Atlas et al. (1973), and the streaks' length, width
and brightness the model of Garg and Nayar (2006, 2007). See docs/synthesis.md.
"""

from dataclasses import dataclass

import numpy as np

from mmderain.errors import UserError
from mmderain.synthesis.camera import Camera, check_number, check_ranges
from mmderain.synthesis.light import FWHM, add_lines, line_energy

MAX_STREAKS = 50_000


@dataclass(frozen=True)
class StreakSettings:
    """How the air's rain looks.

    Args:
        rain_rate: In mm/h; below about 5 hardly a streak is large enough to
            be drawn.
        diameters: Smallest and largest drop drawn, in mm. Smaller ones are
            too many and too faint to be seen one by one.
        depths: Bounds of the depth layers in metres, near to far.
        density: Drops drawn per drop that the rain rate implies.
        brightness: Grey levels (0 to 255) added at the middle of the streak
            of a 3 mm drop that is at least a pixel wide.
        brightness_jitter: How much the brightness varies: a streak's is that
            of the model times the square of a number from 1 - jitter to
            1 + jitter, at most twice the brightness; 0 to 1.
        wind: Range of the wind across the view in m/s, one value for a clip;
            positive blows to the right.
        gust: Spread of the wind from drop to drop in m/s.

    Raises:
        UserError: A value is out of range.
    """

    rain_rate: float = 50.0
    diameters: tuple[float, float] = (3.0, 5.5)
    depths: tuple[float, ...] = (0.6, 1.0, 1.5, 2.3, 3.5)
    density: float = 1.0
    brightness: float = 100.0
    brightness_jitter: float = 0.6
    wind: tuple[float, float] = (-3.0, 3.0)
    gust: float = 0.25

    def __post_init__(self) -> None:
        check_ranges(
            self, rain_rate=(0.1, 300), diameters=(0.1, 8), density=(0, 100),
            brightness=(0, 255), brightness_jitter=(0, 1), wind=(-15, 15),
            gust=(0, 5))
        check_number(self, 'depths', 0.2, 100)
        if len(self.depths) < 2:
            raise UserError('StreakSettings.depths: expected at least 2 '
                            f'values, got {self.depths!r}.')


def terminal_velocity(diameter: np.ndarray) -> np.ndarray:
    """Fall speed in m/s of drops of a diameter in mm.

    Atlas, Srivastava and Sekhon (1973), a fit to the measurements of Gunn and
    Kinzer (1949), good from 0.6 to 5.8 mm; zero where the fit is negative.
    """
    return np.maximum(9.65 - 10.3 * np.exp(-0.6 * np.asarray(diameter)), 0.0)


def size_slope(rain_rate: float) -> float:
    """Slope of the Marshall-Palmer size distribution in 1/mm.

    ``N(D) = 8000 exp(-slope D)`` drops per m^3 and mm of diameter, with
    ``slope = 4.1 R^-0.21`` for a rain rate R in mm/h.
    """
    return 4.1 * rain_rate ** -0.21


def drops_per_cubic_metre(rain_rate: float, low: float, high: float) -> float:
    """Drops in a cubic metre whose diameter is from low to high mm."""
    slope = size_slope(rain_rate)
    return 8000 / slope * (np.exp(-slope * low) - np.exp(-slope * high))


class _Layer:
    """The drops between two depths, in an area a margin wider than the frame.

    Positions are those at the start of the exposure, in pixels.
    """

    def __init__(self, settings: StreakSettings, camera: Camera,
                 size: tuple[int, int], bounds: tuple[float, float],
                 wind: float, rng: np.random.Generator) -> None:
        height, width = size
        self.size = size
        self.jitter = settings.brightness_jitter
        self.rng = rng
        near, far = bounds
        low, high = settings.diameters
        # The part of the view's pyramid between the two depths.
        volume = (far ** 3 - near ** 3) / 3 * height / width / camera.focal**2
        expected = settings.density * volume * drops_per_cubic_metre(
            settings.rain_rate, low, high)

        # The drops outside the frame that reach into it during the exposure.
        scale = camera.pixels_per_metre(width, near)
        reach = terminal_velocity(high) * camera.exposure * scale
        drift = (abs(wind) + 3 * settings.gust) * camera.exposure * scale
        self.margin = np.array([drift, reach]) + 4
        self.area = np.array([width, height]) + 2 * self.margin
        expected *= self.area.prod() / (width * height)
        if expected > MAX_STREAKS:
            raise UserError(
                f'StreakSettings: {expected:.0f} streaks between {near} and '
                f'{far} m, expected at most {MAX_STREAKS}. Lower the density, '
                'the rain rate or the largest depth, or raise the smallest '
                'diameter.')
        count = int(rng.poisson(expected))

        # Inverse of the truncated exponential's distribution function.
        slope = size_slope(settings.rain_rate)
        ends = np.exp(-slope * np.array([low, high]))
        diameter = -np.log(rng.uniform(ends[1], ends[0], count)) / slope
        # Depths are even in the view's pyramid, which widens with the depth.
        depth = np.cbrt(rng.uniform(near ** 3, far ** 3, count))
        sideways = wind + rng.uniform(-1, 1, count) * settings.gust
        metres = np.stack([sideways, terminal_velocity(diameter)], axis=1)
        velocity = metres * camera.pixels_per_metre(width, depth)[:, None]
        self.step = velocity / camera.fps
        self.streak = velocity * camera.exposure
        self.length = np.hypot(*self.streak.T)
        self.position = rng.uniform(size=(count, 2)) * self.area - self.margin

        # Width of a drop out of focus; one for the layer, as one blur draws
        # it. A larger drop stays longer before a pixel and adds more light.
        middle = camera.pixels_per_metre(width, 2 / (1 / near + 1 / far))
        blurred = (float(np.mean(settings.diameters)) + camera.aperture) / 1000
        self.sigma = blurred * middle / FWHM
        self.light = line_energy(settings.brightness, self.sigma)
        self.diameter = diameter
        self.gain = self._gains(diameter)

    def _gains(self, diameter: np.ndarray) -> np.ndarray:
        # Squared: many faint streaks, few bright ones; limited, as a drop is
        # no brighter than the sky that it refracts.
        jitter = self.rng.uniform(
            1 - self.jitter, 1 + self.jitter, len(diameter))
        return np.minimum(diameter / 3 * jitter ** 2, 2)

    def advance(self) -> None:
        """Move on by a frame; a drop that left below comes back on top."""
        self.position += self.step
        offset = self.position + self.margin
        fallen = offset[:, 1] >= self.area[1]
        offset %= self.area
        offset[fallen, 0] = self.rng.uniform(
            0, self.area[0], int(fallen.sum()))
        self.gain[fallen] = self._gains(self.diameter[fallen])
        self.position = offset - self.margin

    def add_to(self, light: np.ndarray) -> None:
        """Add the layer's light to a (h, w) float32 map."""
        if not len(self.position):
            return
        # Points along each streak, at most a pixel apart: a line of light
        # fading to both ends.
        points = int(np.ceil(self.length.max())) + 1
        along = (np.arange(points) + 0.5) / points
        fade = np.sin(np.pi * along) ** 0.7
        weight = self.light * self.gain * self.length / points
        add_lines(light, self.position, self.streak, weight[:, None] * fade,
                  self.sigma)


class RainStreaks:
    """The falling drops of one clip.

    Args:
        settings: What rain.
        camera: What camera.
        size: (height, width) of the frames in pixels.
        rng: Source of every random choice.

    Raises:
        UserError: The settings ask for more than 50000 streaks in a layer.
    """

    def __init__(self, settings: StreakSettings, camera: Camera,
                 size: tuple[int, int], rng: np.random.Generator) -> None:
        self.size = size
        self.wind = float(rng.uniform(*settings.wind))
        self._layers = [
            _Layer(settings, camera, size, bounds, self.wind, rng)
            for bounds in zip(settings.depths, settings.depths[1:],
                              strict=False)]

    @property
    def angle(self) -> float:
        """Mean direction in degrees from straight down, right is positive."""
        return float(np.rad2deg(np.arctan2(self.wind, terminal_velocity(4))))

    def draw(self) -> np.ndarray:
        """The light that the streaks add to the present frame.

        Returns:
            (h, w) float32 in grey levels, 0 and up (it may pass 255).
        """
        light = np.zeros(self.size, np.float32)
        for layer in self._layers:
            layer.add_to(light)
        return light

    def advance(self) -> None:
        """Let the drops fall for one frame."""
        for layer in self._layers:
            layer.advance()
