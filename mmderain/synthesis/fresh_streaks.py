"""Rain that is drawn anew in every frame, as in the sets RainSyn.

Each streak's place, direction, length, width and brightness is a draw from a
distribution, and so is the way an oscillating drop's brightness changes along
it: the appearance model of Garg and Nayar (2006) in outline. Sharp lines and
sparkle noise make the rain of RainSynComplex25. See docs/synthesis.md.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from mmderain.synthesis.camera import check_ranges
from mmderain.synthesis.light import AREA, FWHM, add_lines, line_energy

# Streaks share a blur, and with it a width, by so many classes.
_WIDTHS = 3
_MOST = 20_000  # streaks, lines or sparkles per square of a frame width
_SHIFT = 4  # binary digits behind the point in OpenCV's coordinates


@dataclass(frozen=True)
class FreshStreakSettings:
    """How rain looks that is fresh in every frame.

    Lengths and widths are in frame widths, numbers are per square of a frame
    width, angles in degrees from straight down, positive to the right.
    Brightness is in grey levels (0 to 255) added in a streak's middle.

    Args:
        density: Streaks, drawn once for a clip.
        flicker: How much the number of streaks, lines and sparkles varies
            from frame to frame, 0 to 1.
        angle: Direction of the rain, drawn once for a clip.
        sway: How far the direction strays in a frame, standard deviation.
        spread: The same from streak to streak.
        length: Of a streak.
        width: Of a streak, at half its brightness.
        brightness: Of a streak.
        oscillation: How much a streak's brightness varies along it as the
            drop oscillates, 0 to 1.
        line_density: Sharp lines, drawn once for a clip.
        line_length: Of a sharp line.
        line_width: Of a sharp line; a pixel at least.
        line_brightness: Of a sharp line.
        sparkle_density: Sparkles, drawn once for a clip.
        sparkle_width: Of a sparkle, at half its brightness.
        sparkle_brightness: Of a sparkle.

    Raises:
        UserError: A value is out of range.
    """

    density: tuple[float, float] = (150, 400)
    flicker: float = 0.15
    angle: tuple[float, float] = (-35, 35)
    sway: float = 1.5
    spread: float = 2.0
    length: tuple[float, float] = (0.06, 0.2)
    width: tuple[float, float] = (0.003, 0.009)
    brightness: tuple[float, float] = (40, 170)
    oscillation: float = 0.4
    line_density: tuple[float, float] = (0, 0)
    line_length: tuple[float, float] = (0.08, 0.25)
    line_width: tuple[float, float] = (0.003, 0.006)
    line_brightness: tuple[float, float] = (80, 200)
    sparkle_density: tuple[float, float] = (0, 0)
    sparkle_width: float = 0.006
    sparkle_brightness: tuple[float, float] = (80, 255)

    def __post_init__(self) -> None:
        density, length, width = (0, _MOST), (0.005, 1), (0.0005, 0.05)
        brightness = (0, 255)
        check_ranges(
            self, density=density, flicker=(0, 1), angle=(-80, 80),
            sway=(0, 45), spread=(0, 45), length=length, width=width,
            brightness=brightness, oscillation=(0, 1), line_density=density,
            line_length=length, line_width=width, line_brightness=brightness,
            sparkle_density=density, sparkle_width=width,
            sparkle_brightness=brightness)


class FreshStreaks:
    """The rain of one clip, new in each frame but of one kind.

    Args:
        settings: What rain.
        size: (height, width) of the frames in pixels.
        rng: Source of every random choice.

    Attributes:
        angle: Mean direction in degrees from straight down.
    """

    def __init__(self, settings: FreshStreakSettings, size: tuple[int, int],
                 rng: np.random.Generator) -> None:
        self.settings = settings
        self.size = size
        self.angle = float(rng.uniform(*settings.angle))
        self.density, self.line_density, self.sparkle_density = (
            float(rng.uniform(*bounds)) for bounds in (
                settings.density, settings.line_density,
                settings.sparkle_density))
        self._rng = rng
        self.advance()

    def advance(self) -> None:
        """Take the next frame's rain."""
        # A seed of its own, so that a frame can be drawn more than once.
        self._frame = int(self._rng.integers(2 ** 62))

    def draw(self) -> np.ndarray:
        """The light that the rain adds to the present frame.

        Returns:
            (h, w) float32 in grey levels, 0 and up (it may pass 255).
        """
        rng = np.random.default_rng(self._frame)
        settings = self.settings
        angle = rng.normal(self.angle, settings.sway)
        light = np.zeros(self.size, np.float32)
        self._add_streaks(light, angle, rng)
        if self.line_density:
            self._add_sharp_lines(light, angle, rng)
        if self.sparkle_density:
            self._add_sparkles(light, rng)
        return light

    def _count(self, density: float, margin: float,
               rng: np.random.Generator) -> int:
        """How many there are in the frame and a margin around it."""
        height, width = self.size
        area = (height + 2 * margin) * (width + 2 * margin) / width ** 2
        flicker = self.settings.flicker
        return int(rng.poisson(
            density * area * rng.uniform(1 - flicker, 1 + flicker)))

    def _lines(self, density: float, lengths: tuple[float, float],
               angle: float, rng: np.random.Generator
               ) -> tuple[np.ndarray, np.ndarray]:
        """Where lines start and how they run, (n, 2) x and y in pixels each.

        Their middles are even over the frame and half a length around it.
        """
        height, width = self.size
        margin = lengths[1] * width / 2
        count = self._count(density, margin, rng)
        length = rng.uniform(*lengths, count) * width
        turn = np.deg2rad(rng.normal(angle, self.settings.spread, count))
        vector = length[:, None] * np.stack([np.sin(turn), np.cos(turn)], 1)
        middle = rng.uniform(
            -margin, [width + margin, height + margin], (count, 2))
        return middle - vector / 2, vector

    def _add_streaks(self, light: np.ndarray, angle: float,
                     rng: np.random.Generator) -> None:
        settings = self.settings
        start, vector = self._lines(
            self.density, settings.length, angle, rng)
        count = len(start)
        points = int(np.ceil(settings.length[1] * self.size[1])) + 1
        length = np.hypot(*vector.T)[:, None]
        # Squared: many faint streaks, few bright ones.
        low, high = settings.brightness
        peak = low + (high - low) * rng.uniform(size=(count, 1)) ** 2
        along = (np.arange(points) + 0.5) / points
        waves, phase = rng.uniform((0.5, 0), (2.5, 2 * np.pi), (count, 2)).T
        shine = 1 + settings.oscillation * np.sin(
            2 * np.pi * waves[:, None] * along + phase[:, None])
        shine *= np.sin(np.pi * along) ** 0.7 / (1 + settings.oscillation)
        energy = peak * length / points * shine
        edges = np.linspace(*settings.width, _WIDTHS + 1) * self.size[1]
        for some, width in zip(np.array_split(np.arange(count), _WIDTHS),
                               (edges[:-1] + edges[1:]) / 2, strict=True):
            sigma = width / FWHM
            add_lines(light, start[some], vector[some],
                      energy[some] * line_energy(1.0, sigma), sigma)

    def _add_sharp_lines(self, light: np.ndarray, angle: float,
                         rng: np.random.Generator) -> None:
        settings = self.settings
        start, vector = self._lines(
            self.line_density, settings.line_length, angle, rng)
        count = len(start)
        # A line hides those before it: the brightest come last.
        brightness = np.sort(rng.uniform(*settings.line_brightness, count))
        thickness = np.maximum(1, np.rint(rng.uniform(
            *settings.line_width, count) * self.size[1])).astype(int)
        ends = np.rint(np.stack([start, start + vector], 1) * 2 ** _SHIFT)
        canvas = np.zeros(self.size, np.uint8)
        for (first, last), level, thick in zip(
                ends.astype(int).tolist(), brightness.tolist(),
                thickness.tolist(), strict=True):
            cv2.line(canvas, first, last, level, thick, cv2.LINE_AA, _SHIFT)
        light += canvas

    def _add_sparkles(self, light: np.ndarray,
                      rng: np.random.Generator) -> None:
        settings = self.settings
        count = self._count(self.sparkle_density, 0.0, rng)
        place = rng.uniform(0, self.size[::-1], (count, 2))
        brightness = rng.uniform(*settings.sparkle_brightness, (count, 1))
        sigma = settings.sparkle_width * self.size[1] / FWHM
        # A point whose blur is a Gaussian of that height.
        add_lines(light, place, np.zeros_like(place),
                  brightness * (sigma * AREA) ** 2, sigma)
