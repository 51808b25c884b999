"""Drops and dirt on a lens in many kinds, to train on.

Variety is what pays when drops are to be found: no two lenses, waters and
distances look alike. A clip's drops come in a few layers; those of a layer
move together, if at all. Not meant to be true to any one lens; the renderer of
:mod:`~mmderain.synthesis.raindrops` is, and is kept for testing.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from mmderain.synthesis.camera import check_ranges
from mmderain.synthesis.generated_pictures import fractal_noise

# how light comes through a drop
KINDS = ('inverted', 'cap', 'magnified', 'blurred', 'mud')
_WATER = 1.33  # refractive index
_SMALL = 0.3  # share of the frame at which wide views are taken


@dataclass(frozen=True)
class LensDropSettings:
    """What drops there are. Lengths are in pixels of the frames.

    Args:
        count: Fewest and most drops of a layer.
        radius: Smallest and largest radius; small ones are more frequent.
        lobes: Most discs that have run into one drop.
        defocus: Half the width of the soft edge, least and most.
        opacity: Of a layer, least and most.
        gain: Of what is seen through a layer's drops, least and most.
        still_layers: Fewest and most layers that stay where they are.
        sliding_share: Share of clips with a layer that slides.
        slide_speed: Slowest and fastest, in pixels a frame.
        change_share: Share of layers that are born or wiped off in the clip.

    Raises:
        UserError: A value is out of range.
    """

    count: tuple[int, int] = (1, 14)
    radius: tuple[float, float] = (1.5, 22.0)
    lobes: int = 4
    defocus: tuple[float, float] = (0.5, 7.0)
    opacity: tuple[float, float] = (0.5, 1.0)
    gain: tuple[float, float] = (0.6, 1.3)
    still_layers: tuple[int, int] = (1, 2)
    sliding_share: float = 0.45
    slide_speed: tuple[float, float] = (0.1, 2.5)
    change_share: float = 0.2

    def __post_init__(self) -> None:
        check_ranges(
            self, count=(0, 200), radius=(0.5, 200), lobes=(1, 10),
            defocus=(0.3, 50), opacity=(0, 1), gain=(0, 3),
            still_layers=(0, 5), sliding_share=(0, 1), slide_speed=(0, 20),
            change_share=(0, 1))


class LensDrops:
    """The drops of one clip.

    Args:
        settings: What drops.
        size: (height, width) of the frames.
        num_frames: Of the clip.
        rng: Source of every random choice.
    """

    def __init__(self, settings: LensDropSettings, size: tuple[int, int],
                 num_frames: int, rng: np.random.Generator) -> None:
        few, most = settings.still_layers
        # a lens has drops of one kind, but for a few
        self.kind = str(rng.choice(KINDS, p=(0.3, 0.25, 0.1, 0.2, 0.15)))
        speeds = [0.0] * int(rng.integers(few, most + 1))
        if rng.random() < settings.sliding_share:
            speeds.append(rng.uniform(*settings.slide_speed))
        defocus = np.exp(rng.uniform(*np.log(settings.defocus)))
        self.layers = [
            _Layer(settings, size, num_frames, speed, defocus,
                   self.kind if rng.random() < 0.7
                   else str(rng.choice(KINDS)), rng) for speed in speeds]

    def cover(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Look at a clip through the drops.

        Args:
            frames: (t, h, w, 3) uint8 RGB.

        Returns:
            The clip, and how much of each pixel is covered, (t, h, w)
            float32 in [0, 1].
        """
        results, covers = [], []
        for number, frame in enumerate(frames):
            wide, near = _views(frame)
            result = frame.astype(np.float32)
            clear = np.ones(frame.shape[:2], np.float32)
            for layer in self.layers:
                alpha, seen = layer.at(number, wide, near)
                result += alpha[..., None] * (seen - result)
                clear *= 1 - alpha
            results.append(np.rint(result).clip(0, 255).astype(np.uint8))
            covers.append(1 - clear)
        return np.stack(results), np.stack(covers)


def _views(frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The scene for wide views, small, and for near ones; out of focus."""
    wide = cv2.resize(frame, None, fx=_SMALL, fy=_SMALL,
                      interpolation=cv2.INTER_AREA).astype(np.float32)
    near = cv2.GaussianBlur(frame, (0, 0), 2.0).astype(np.float32)
    return cv2.GaussianBlur(wide, (0, 0), 1.0), near


class _Layer:
    """Drops of one kind that move together."""

    def __init__(self, settings: LensDropSettings, size: tuple[int, int],
                 num_frames: int, speed: float, defocus: float, kind: str,
                 rng: np.random.Generator) -> None:
        height, width = size
        self.size = size
        # what slides comes in from above
        slack = int(np.ceil(speed * num_frames))
        self.canvas = (height + slack, width)
        self.offsets = self._slide(speed, num_frames, slack, rng)
        self.present = self._presence(settings, num_frames, rng)
        self.kind, self.defocus = kind, defocus
        self._draw(settings, rng)

    def _slide(self, speed: float, num_frames: int, slack: int,
               rng: np.random.Generator) -> np.ndarray:
        """Rows of the canvas above the frame, by fits and starts."""
        if not speed:
            return np.zeros(num_frames)
        moves = rng.random(num_frames) < 0.05
        slipping = np.cumsum(moves) % 2 == rng.integers(2)
        return np.maximum(slack - np.cumsum(
            speed * slipping * rng.uniform(0.7, 1.0, num_frames)), 0)

    def _presence(self, settings: LensDropSettings, num_frames: int,
                  rng: np.random.Generator) -> np.ndarray:
        present = np.ones(num_frames, np.float32)
        if rng.random() < settings.change_share:
            when = rng.integers(num_frames)
            if rng.random() < 0.5:
                present[:when] = 0  # fallen then
            else:
                present[when:] = 0  # wiped off then
        return present

    def _draw(self, settings: LensDropSettings,
              rng: np.random.Generator) -> None:
        """Where the drops are, where they look and how they shade."""
        height, width = self.canvas
        rows, columns = np.indices(self.canvas, np.float32)
        inside = np.full(self.canvas, -1e3, np.float32)  # pixels to the rim
        look = np.stack([columns, rows])
        shade = np.ones(self.canvas, np.float32)
        light = np.zeros(self.canvas, np.float32)
        gain = rng.uniform(*settings.gain)
        rim = rng.uniform(-0.7, 0.7) * (rng.random() < 0.7)
        turn = rng.uniform(-1, 1) * (rng.random() < 0.5)
        power = np.exp(rng.uniform(*np.log((0.4, 12))))
        shine = rng.uniform(30, 160) * (rng.random() < 0.4)
        few, most = settings.count
        for _ in range(int(rng.integers(few, most + 1))):
            radius = np.exp(rng.uniform(*np.log(settings.radius)))
            x, y = rng.uniform(0, width), rng.uniform(0, height)
            depth = self._outline(x, y, radius, settings.lobes, rows, columns,
                                  rng)
            here = depth > np.maximum(inside, -2 * self.defocus)
            inside[here] = depth[here]
            across, down = columns[here] - x, rows[here] - y
            away = np.clip(1 - depth[here] / radius, 0, 1.3)
            look[:, here] = self._look(x, y, across, down, away, radius,
                                       power, rng)
            slope = turn * down / radius
            shade[here] = gain * rng.uniform(0.85, 1.15) * (
                1 + rim * away ** rng.uniform(2, 6) * (1 + slope))
            light[here] = shine * np.exp(-(
                (across + 0.3 * radius) ** 2 + (down + 0.4 * radius) ** 2)
                / (2 * (0.15 * radius + 0.5) ** 2))
        level = np.clip(inside / (2 * self.defocus) + 0.5, 0, 1)
        self.alpha = rng.uniform(*settings.opacity) * level ** 2 * (
            3 - 2 * level)
        self.look = self._inside(look)
        self.shade = cv2.GaussianBlur(shade, (0, 0), 1)[..., None]
        self.light = light[..., None]
        if self.kind == 'mud':
            self._paint(rng)

    def _outline(self, x: float, y: float, radius: float, lobes: int,
                 rows: np.ndarray, columns: np.ndarray,
                 rng: np.random.Generator) -> np.ndarray:
        """How far each pixel is from the rim of a drop, positive inside."""
        depth = np.full(self.canvas, -1e3, np.float32)
        tall = rng.uniform(0.8, 1.5)
        streams = rng.random() < 0.15  # discs below each other
        for lobe in range(int(rng.integers(1, lobes + 1))):
            size = radius * (1 if not lobe else rng.uniform(0.3, 0.8))
            dx, dy = rng.uniform(-0.9, 0.9, 2) * radius * (lobe > 0)
            if streams:
                dx, dy = 0.2 * dx, -lobe * radius
            across, down = columns - (x + dx), (rows - (y + dy)) / tall
            angle = np.arctan2(down, across)
            outline = size * (1 + sum(
                rng.uniform(-0.15, 0.15) / waves ** 0.5 * np.cos(
                    waves * angle + rng.uniform(0, 6.3))
                for waves in (2, 3, 4)))
            depth = np.maximum(depth, outline - np.hypot(across, down))
        return depth

    def _look(self, x: float, y: float, across: np.ndarray, down: np.ndarray,
              away: np.ndarray, radius: float, power: float,
              rng: np.random.Generator) -> np.ndarray:
        """Columns and rows of the scene that a drop's pixels show."""
        width = self.size[1]
        if self.kind == 'inverted':
            factor = -power * (0.6 + 0.4 * away ** 2)
        elif self.kind == 'magnified':
            factor = np.full_like(away, rng.uniform(0.3, 0.9))
        elif self.kind == 'cap':
            # of a sphere; light bends at its surface by Snell's law
            contact = np.deg2rad(rng.uniform(25, 50))
            normal = np.arcsin(np.minimum(away, 1) * np.sin(contact))
            leaves = np.arcsin(np.minimum(_WATER * np.sin(normal), 0.999))
            bend = rng.uniform(0.8, 1.6) * width * np.tan(leaves - normal)
            factor = 1 - bend / np.maximum(np.hypot(across, down), 0.5)
        else:
            factor = np.ones_like(away)
        return np.stack([x + across * factor, y + down * factor])

    def _inside(self, look: np.ndarray) -> np.ndarray:
        """Reflected at the borders of the frame, as far as one looks."""
        for axis, side in ((0, self.size[1]), (1, self.canvas[0])):
            span = max(side - 1, 1)
            look[axis] = span - np.abs(look[axis] % (2 * span) - span)
        return look

    def _paint(self, rng: np.random.Generator) -> None:
        """Dirt: a colour of its own that hides what is behind."""
        tone = rng.uniform(20, 200) + rng.uniform(-20, 20, 3)
        grain = 1 + rng.uniform(0, 0.6) * (
            fractal_noise(self.canvas, rng) - 0.5)
        self.shade = np.zeros((*self.canvas, 1), np.float32)
        self.light = (grain[..., None] * tone).astype(np.float32)

    def at(self, number: int, wide: np.ndarray, near: np.ndarray
           ) -> tuple[np.ndarray, np.ndarray]:
        """Cover (h, w) and what is seen through it (h, w, 3) in a frame."""
        height, width = self.size
        offset = self.offsets[number]
        first = int(offset)
        part = slice(first, first + height)
        alpha = self.present[number] * self.alpha[part]
        if not alpha.any():
            return np.zeros(self.size, np.float32), np.zeros(
                (*self.size, 3), np.float32)
        shift = np.float32([[1, 0, 0], [0, 1, first - offset]])
        if first != offset:  # between two rows
            alpha = cv2.warpAffine(alpha, shift, (width, height))
        seen = self.light[part]
        if self.kind != 'mud':
            columns, rows = self.look[:, part]
            rows = rows - first
            if self.kind in ('inverted', 'cap'):
                view, scale = wide, _SMALL
            else:
                view, scale = near, 1.0
            seen = seen + self.shade[part] * cv2.remap(
                view, ((columns + 0.5) * scale - 0.5).astype(np.float32),
                ((rows + 0.5) * scale - 0.5).astype(np.float32),
                cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        # out of focus as the outline is
        return alpha, cv2.GaussianBlur(
            np.broadcast_to(seen, (height, width, 3)).astype(np.float32),
            (0, 0), max(0.5, 0.5 * self.defocus))
