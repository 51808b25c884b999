"""Layers of varied rain: drawn lines, and filtered noise.

No code and no formula is shared with ``streaks.py`` and ``fresh_streaks.py``,
which splat points of light along physical paths: a network trained on this
rain can be judged on theirs.
"""

from typing import NamedTuple

import cv2
import numpy as np

_SHIFT = 4  # binary digits behind the point in OpenCV's coordinates
_SIGMA = 1 / 2.355  # of a Gaussian, in widths at half its height
_PEAK = 2.507  # the area below a Gaussian of height 1, in sigmas
# OpenCV's smooth lines of one pixel as they are: sigma and area across them,
# measured, and the narrowest streaks that are drawn with them. What is
# narrower is drawn at twice the size.
_LINE_SIGMA, _LINE_AREA = 0.54, 1.35
_NARROWEST = 1.3
_AREA_SIGMA = 0.29  # of shrinking to half the size
# A drawn layer's streaks are of so many brightnesses.
_LEVELS = (0.3, 0.5, 0.75, 1.0)
# A drawn streak is fainter towards its ends: share of its length and
# brightness of each stroke that draws it.
_STROKES = ((1.0, 0.5), (0.62, 1.0))


class LayerLook(NamedTuple):
    """How one layer's streaks look and move, in pixels and degrees."""

    length: float
    width: float  # at half the brightness
    angle: float  # from straight down, positive to the right
    coverage: float  # area of all streaks, in areas of the frame
    spread: float  # of the angle from streak to streak, standard deviation
    fall: float | None  # pixels a frame; None for fresh places in each frame


def _soften(canvas: np.ndarray, width: float, sigma: float,
            area: float) -> np.ndarray:
    """Make lines as wide as asked for, and 1 in their middle.

    Args:
        canvas: (h, w) float32 with lines.
        width: What they are to be at half their height, in pixels. Below a
            pixel they are fainter instead, as their light is spread.
        sigma: What they are, as a Gaussian's sigma.
        area: Of the lines' profile as they are.
    """
    blur = np.sqrt(max((width * _SIGMA) ** 2 - sigma ** 2, 0.0))
    if blur > 0.2:
        size = 2 * int(np.ceil(2.5 * blur)) + 1
        canvas = cv2.GaussianBlur(canvas, (size, size), blur)
    height = area / max(np.hypot(blur, sigma) * _PEAK, 1.0)
    return canvas * (min(1.0, width) / height)


class DrawnLayer:
    """Streaks drawn one by one, each with a direction and speed of its own.

    Args:
        look: How they look.
        size: (height, width) of the frames.
        rng: Source of every random choice.
    """

    def __init__(self, look: LayerLook, size: tuple[int, int],
                 rng: np.random.Generator) -> None:
        self.look, self.size, self._rng = look, size, rng
        height, width = size
        self._margin = look.length / 2 + 2
        self._area = np.array([width, height]) + 2 * self._margin
        expected = look.coverage * self._area.prod() / (
            look.length * max(look.width, 1.0))
        count = int(rng.poisson(expected))
        self._length = look.length * rng.uniform(0.6, 1.0, (count, 1))
        turn = np.deg2rad(rng.normal(look.angle, look.spread, (count, 1)))
        self._ahead = np.concatenate([np.sin(turn), np.cos(turn)], 1)
        self._pace = rng.uniform(0.85, 1.15, (count, 1))
        self._level = rng.integers(len(_LEVELS), size=count)
        self._place = rng.uniform(size=(count, 2)) * self._area

    def advance(self) -> None:
        """Move on by a frame."""
        if self.look.fall is None:
            self._place = self._rng.uniform(
                size=self._place.shape) * self._area
        else:
            self._place += self.look.fall * self._pace * self._ahead
            self._place %= self._area

    def draw(self) -> np.ndarray:
        """How much of each pixel is covered, (h, w) float32, 0 to about 1."""
        height, width = self.size
        scale = 1 if self.look.width >= _NARROWEST else 2
        canvas = np.zeros((scale * height, scale * width), np.uint8)
        middle = self._place - self._margin
        for share, shine in _STROKES:
            half = self._ahead * (self._length * share / 2)
            ends = np.stack([middle - half, middle + half], 1)
            # Pixels' middles lie at whole numbers at either scale.
            ends = scale * ends + (scale - 1) / 2
            ends = np.rint(ends * 2 ** _SHIFT).astype(np.int32)
            for number, level in enumerate(_LEVELS):
                lines = ends[self._level == number]
                if len(lines):
                    cv2.polylines(canvas, list(lines), False,
                                  255 * level * shine, 1, cv2.LINE_AA, _SHIFT)
        sigma = _LINE_SIGMA / scale
        if scale > 1:
            canvas = cv2.resize(canvas, (width, height),
                                interpolation=cv2.INTER_AREA)
            sigma = float(np.hypot(sigma, _AREA_SIGMA))
        return _soften(canvas.astype(np.float32) / 255, self.look.width,
                       sigma, _LINE_AREA / scale)


class NoiseLayer:
    """Sparse noise, smeared along the rain's direction.

    The noise is filtered upright, where that takes one pass, and turned.

    Args:
        look: How the streaks look; they have one direction.
        size: (height, width) of the frames.
        rng: Source of every random choice.
    """

    def __init__(self, look: LayerLook, size: tuple[int, int],
                 rng: np.random.Generator) -> None:
        self.look, self.size, self._rng = look, size, rng
        turn = np.deg2rad(abs(look.angle))
        height, width = size
        # The upright canvas that holds the turned frame.
        self._canvas = (
            int(np.ceil(height * np.cos(turn) + width * np.sin(turn))) + 4,
            int(np.ceil(width * np.cos(turn) + height * np.sin(turn))) + 4)
        self._offset = 0.0
        self._renew()

    def _renew(self) -> None:
        rows, cols = self._canvas
        look = self.look
        # Two passes of unlike length: streaks fade to both ends.
        passes = (max(1, round(0.7 * look.length)),
                  max(1, round(0.3 * look.length)))
        density = look.coverage / (look.length * max(look.width, 1.0))
        seeds = self._rng.random((rows, cols), np.float32)
        drops = np.flatnonzero(seeds < density)
        noise = np.zeros(rows * cols, np.float32)
        noise[drops] = self._rng.uniform(0.25, 1.0, len(drops))
        noise = noise.reshape(rows, cols)
        pad = sum(passes) + 2
        # Wrapped, so that a falling canvas can go round.
        noise = cv2.copyMakeBorder(noise, pad, pad, 0, 0, cv2.BORDER_WRAP)
        for taps in passes:
            noise = cv2.blur(noise, (1, taps))
        # A seed's column is one pixel wide.
        noise = _soften(noise, look.width, 0.0, 1.0)
        noise = noise[pad:pad + rows] * max(passes)
        self._streaks = np.minimum(noise, 1.2)

    def advance(self) -> None:
        """Move on by a frame."""
        if self.look.fall is None:
            self._renew()
        else:
            self._offset += self.look.fall

    def draw(self) -> np.ndarray:
        """How much of each pixel is covered, (h, w) float32, 0 to about 1."""
        rows, cols = self._canvas
        height, width = self.size
        shifted = np.roll(self._streaks, round(self._offset) % rows, 0)
        # Upright streaks point along (sin, cos) once turned.
        turn = np.deg2rad(self.look.angle)
        cos, sin = np.cos(turn), np.sin(turn)
        matrix = np.array([[cos, -sin], [sin, cos]])
        middle = np.array([(width - 1) / 2, (height - 1) / 2])
        shift = np.array([(cols - 1) / 2, (rows - 1) / 2]) - matrix @ middle
        return cv2.warpAffine(
            shifted, np.column_stack([matrix, shift]), (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101)
