"""Raindrops on the lens or on a glass before it.

A drop is a small, strong lens: it shows a wide view of the scene upside down
(Roser and Geiger 2009, von Bernuth et al. 2018). It is too close to be in
focus, so its edge is soft (Qian et al. 2018). See docs/synthesis.md.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from mmderain.synthesis.camera import Camera, check_ranges

# Pixels across the copy of the scene that the drops refract. A drop shows a
# good part of the scene, small and out of focus: more would only alias.
_SCENE_WIDTH = 48
_WAVES = np.arange(2, 5)  # waves around a drop's outline


@dataclass(frozen=True)
class RaindropSettings:
    """How the drops on the lens look. Lengths are in frame widths.

    Args:
        count: Fewest and most drops on a square frame; a frame of another
            shape has as many per area.
        radius: Smallest and largest radius; small drops are more frequent. A
            width of 1 is 50 mm on a glass 50 mm before a camera of focal 1.
        irregularity: How far the outline departs from a circle, 0 to 0.5.
        defocus: Half the width of the soft edge.
        view: Half the width of the scene that a drop shows.
        opacity: Range of how much of the light comes through the drop, 0 to 1.
        rim: How much the rim is darker above and brighter below, 0 to 1.
        sliding: Part of the drops, the largest ones, that slide down, 0 to 1.
        slide_speed: Range of the speed in frame widths per second.
        stick_time: Mean time in seconds that a sliding drop sticks, and that
            it slips.

    Raises:
        UserError: A value is out of range.
    """

    count: tuple[int, int] = (20, 30)
    radius: tuple[float, float] = (0.012, 0.045)
    irregularity: float = 0.15
    defocus: float = 0.009
    view: float = 0.25
    opacity: tuple[float, float] = (0.85, 1.0)
    rim: float = 0.25
    sliding: float = 0.25
    slide_speed: tuple[float, float] = (0.02, 0.2)
    stick_time: float = 0.4

    def __post_init__(self) -> None:
        check_ranges(
            self, count=(0, 1000), radius=(0.002, 0.3), irregularity=(0, 0.5),
            defocus=(0, 0.1), view=(0.05, 1), opacity=(0, 1), rim=(0, 1),
            sliding=(0, 1), slide_speed=(0, 5), stick_time=(0.01, 60))


class _Drop:
    """One drop: its shape, where it is, and what it does to the frame."""

    def __init__(self, settings: RaindropSettings, size: tuple[int, int],
                 radius: float, slides: bool,
                 rng: np.random.Generator) -> None:
        self.settings = settings
        self.size = size
        self.rng = rng
        height, width = size
        self.radius = radius * width
        self.x = rng.uniform(0, width)
        self.y = rng.uniform(0, height)
        self.slides = slides
        self.speed = 0.0
        # Gravity draws a drop out, more so one that slides.
        self.tallness = rng.uniform(1.15, 1.45) if slides else rng.uniform(
            0.9, 1.2)
        self.amplitude = (settings.irregularity / np.sqrt(_WAVES)
                          * rng.uniform(-1, 1, len(_WAVES)))
        self.phase = rng.uniform(0, 2 * np.pi, len(_WAVES))
        self.opacity = rng.uniform(*settings.opacity)
        self._place()

    def _place(self) -> None:
        """Work out the drop's pixels, where they look and how they shade."""
        height, width = self.size
        # Never sharper than a pixel, or the edge would be a staircase.
        self.soft = soft = max(self.settings.defocus * width, 0.75)
        reach = self.radius * (1 + 1.5 * self.settings.irregularity) + soft
        top = int(np.clip(np.floor(self.y - reach * self.tallness), 0, height))
        low = int(np.clip(
            np.ceil(self.y + reach * self.tallness) + 1, top, height))
        left = int(np.clip(np.floor(self.x - reach), 0, width))
        right = int(np.clip(np.ceil(self.x + reach) + 1, left, width))
        self.box = (slice(top, low), slice(left, right))

        down, across = np.meshgrid(
            (np.arange(top, low, dtype=np.float32) - self.y) / self.tallness,
            np.arange(left, right, dtype=np.float32) - self.x, indexing='ij')
        angle = np.arctan2(down, across)
        outline = np.full_like(angle, self.radius)
        for waves, size, phase in zip(
                _WAVES, self.amplitude, self.phase, strict=True):
            outline += self.radius * size * np.cos(waves * angle + phase)
        away = np.hypot(down, across)
        level = np.clip((outline - away) / (2 * soft) + 0.5, 0, 1)
        alpha = self.opacity * level ** 2 * (3 - 2 * level)
        self.alpha = alpha.astype(np.float32)[..., None]

        # The image is upside down, and squeezed towards the rim.
        away = np.minimum(away / outline, 1.2)
        reach = self.settings.view * width / self.radius * (
            0.6 + 0.4 * away ** 2)
        scale = _SCENE_WIDTH / width
        # A drop at the border looks a little inwards, so that it shows more
        # of the scene and less of its mirror image beyond the border.
        middle_x = 0.6 * self.x + 0.2 * width
        middle_y = 0.6 * self.y + 0.2 * height
        self.look_x = ((middle_x - across * reach + 0.5) * scale - 0.5
                       ).astype(np.float32)
        self.look_y = ((middle_y - down * reach + 0.5) * scale - 0.5
                       ).astype(np.float32)
        self.shade = (1 + self.settings.rim * away ** 4 * down / self.radius
                      ).astype(np.float32)[..., None]

    def advance(self, seconds: float) -> bool:
        """Slide for a while, by fits and starts; whether the drop moved."""
        if not self.slides:
            return False
        if self.rng.uniform() < seconds / self.settings.stick_time:
            stuck = self.speed == 0
            self.speed = self.rng.uniform(
                *self.settings.slide_speed) if stuck else 0.0
        if self.speed == 0:
            return False
        height, width = self.size
        step = self.speed * width * seconds
        self.y += step
        self.x += 0.15 * step * self.rng.uniform(-1, 1)
        room = 2 * self.radius * self.tallness
        if self.y > height + room:
            self.y = -room
            self.x = self.rng.uniform(0, width)
        self._place()
        return True

    def cover(self, frame: np.ndarray, scene: np.ndarray) -> None:
        """Put the drop into a float32 RGB frame, which is changed."""
        part = frame[self.box]
        if not part.size:
            return
        seen = cv2.remap(scene, self.look_x, self.look_y, cv2.INTER_LINEAR,
                         borderMode=cv2.BORDER_REFLECT_101)
        seen = cv2.GaussianBlur(seen, (0, 0), self.soft)
        part += self.alpha * (seen * self.shade - part)


class Raindrops:
    """The drops on the lens of one clip.

    Args:
        settings: What drops.
        camera: Its frame rate is how often they move.
        size: (height, width) of the frames in pixels.
        rng: Source of every random choice.
    """

    def __init__(self, settings: RaindropSettings, camera: Camera,
                 size: tuple[int, int], rng: np.random.Generator) -> None:
        self.size = size
        self._seconds = 1 / camera.fps
        height, width = size
        count = int(round(rng.integers(*settings.count, endpoint=True)
                          * height / width))
        # Even in the radius' logarithm; the heaviest drops slide, as their
        # weight beats what holds them. Drawn from the largest down.
        radii = np.exp(rng.uniform(*np.log(settings.radius), count))
        sliding = round(settings.sliding * count)
        self._drops = [
            _Drop(settings, size, radius, index < sliding, rng)
            for index, radius in enumerate(np.sort(radii)[::-1])]
        self._measure()

    def _measure(self) -> None:
        clear = np.ones(self.size, np.float32)
        for drop in self._drops:
            clear[drop.box] *= 1 - drop.alpha[..., 0]
        self.clear = clear

    def draw(self, frame: np.ndarray) -> np.ndarray:
        """The present frame seen through the drops.

        Args:
            frame: (h, w, 3) uint8 RGB, clean.

        Returns:
            (h, w, 3) uint8 RGB.
        """
        height, width = self.size
        scene = cv2.resize(
            frame,
            (_SCENE_WIDTH, max(1, round(height * _SCENE_WIDTH / width))),
            interpolation=cv2.INTER_AREA).astype(np.float32)
        scene = cv2.GaussianBlur(scene, (0, 0), 1.5)
        result = frame.astype(np.float32)
        for drop in self._drops:
            drop.cover(result, scene)
        return np.clip(np.rint(result), 0, 255).astype(np.uint8)

    def advance(self) -> None:
        """Let the sliding drops slide for one frame."""
        moved = [drop.advance(self._seconds) for drop in self._drops]
        if any(moved):
            self._measure()
