"""The hybrid rain model of J4R-Net (Liu et al., CVPR 2018).

``O = (1 - a) (B + S) + a A``: rain adds the light S to the background B, but
where a is 1 it is opaque, and the reliance map A is seen in its place.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from mmderain.synthesis.camera import check_ranges

_SHIFT = 4  # binary digits behind the point in OpenCV's coordinates
_OUTLINE = 12  # points on each side of a region


def hybrid_frame(background: np.ndarray, streak_map: np.ndarray,
                 occlusion_mask: np.ndarray,
                 reliance: np.ndarray) -> np.ndarray:
    """The rainy frame O, limited to what 8 bits hold.

    Whole numbers go in, and a is 0 or 1, so nothing has to be rounded.

    Args:
        background: B, (h, w, 3) uint8.
        streak_map: S, (h, w) uint8.
        occlusion_mask: a, (h, w) uint8, 0 or 255 for 1.
        reliance: A, (h, w) uint8.

    Returns:
        (h, w, 3) uint8.
    """
    lq = cv2.add(background, cv2.merge([streak_map] * 3))
    occluded = occlusion_mask > 0
    lq[occluded] = reliance[occluded][:, None]
    return lq


@dataclass(frozen=True)
class OcclusionSettings:
    """How the rain looks that hides the background.

    Lengths are in frame widths. The regions are long and pointed like the
    streaks, whose direction they take, and fall through the clip.

    Args:
        density: Regions per square of a frame width, drawn once for a clip.
        speed: Of a region, in frame widths per frame.
        shutter: A region is as long as its way in this part of a frame's
            time; below 1, what it hides in a frame is seen in the next.
        width: Of a region at its widest.
        spread: How far a region's direction strays from the rain's, standard
            deviation in degrees.
        reliance: Grey level seen in a region's middle.

    Raises:
        UserError: A value is out of range.
    """

    density: tuple[float, float] = (15, 40)
    speed: tuple[float, float] = (0.16, 0.3)
    shutter: float = 0.8
    width: tuple[float, float] = (0.008, 0.018)
    spread: float = 2.0
    reliance: tuple[float, float] = (200, 250)

    def __post_init__(self) -> None:
        check_ranges(self, density=(0, 2000), speed=(0.005, 1),
                     shutter=(0.05, 1), width=(0.001, 0.2), spread=(0, 45),
                     reliance=(0, 255))


class Occlusions(NamedTuple):
    """The occluding rain of one frame."""

    mask: np.ndarray  # (h, w) bool, the model's a
    reliance: np.ndarray  # (h, w) float32, A in grey levels, 0 outside
    rim: np.ndarray  # (h, w) float32, light that the thin edges add to S


class RainOcclusions:
    """The occluding rain of one clip.

    A region keeps its shape, brightness and velocity as long as it is seen.
    When it has left the frame, another one comes in opposite.

    Args:
        settings: What rain.
        size: (height, width) of the frames in pixels.
        angle: The rain's direction in degrees from straight down, right is
            positive.
        rng: Source of every random choice.
    """

    def __init__(self, settings: OcclusionSettings, size: tuple[int, int],
                 angle: float, rng: np.random.Generator) -> None:
        self.settings = settings
        self.size = size
        self.angle = angle
        self._rng = rng
        height, width = size
        self._margin = (settings.speed[1] * settings.shutter
                        + settings.width[1]) * width / 2 + 2
        self._area = np.array([width, height]) + 2 * self._margin
        count = int(rng.poisson(rng.uniform(*settings.density)
                                * self._area.prod() / width ** 2))
        self._place = rng.uniform(size=(count, 2)) * self._area
        self._step = np.zeros((count, 2))
        self._level = np.zeros(count)
        # The outline about its middle, in pixels.
        self._outline = np.zeros((count, 2 * _OUTLINE, 2))
        self._renew(np.arange(count))

    def _renew(self, which: np.ndarray) -> None:
        """Give regions another shape, brightness and velocity."""
        settings, rng, count = self.settings, self._rng, len(which)
        turn = np.deg2rad(rng.normal(self.angle, settings.spread, count))
        ahead = np.stack([np.sin(turn), np.cos(turn)], axis=1)
        speed = rng.uniform(*settings.speed, count) * self.size[1]
        self._step[which] = speed[:, None] * ahead
        self._level[which] = rng.uniform(*settings.reliance, count)

        along = np.linspace(-1, 1, _OUTLINE)
        half = rng.uniform(*settings.width, (count, 1)) * self.size[1] / 2
        # Pointed at both ends, each side wavy in its own way.
        phases = rng.uniform(0, 2 * np.pi, (2, count, 1))
        waves = rng.uniform(1, 3, (2, count, 1))
        sides = half * np.sqrt(1 - along ** 2) * (
            1 + 0.2 * np.sin(np.pi * waves * along + phases)) / 1.2
        aside = np.stack([ahead[:, 1], -ahead[:, 0]], axis=1)[:, None]
        axis = (ahead[:, None] * along[:, None]
                * (speed * settings.shutter / 2)[:, None, None])
        self._outline[which] = np.concatenate([
            axis + aside * sides[0][..., None],
            (axis - aside * sides[1][..., None])[:, ::-1]], axis=1)

    def advance(self) -> None:
        """Move on by a frame."""
        self._place += self._step
        left = ((self._place < 0) | (self._place >= self._area)).any(axis=1)
        which = np.flatnonzero(left)
        self._place[which] %= self._area
        self._renew(which)

    def draw(self) -> Occlusions:
        """The occluding rain of the present frame."""
        width = self.size[1]
        levels = np.zeros(self.size, np.float32)
        mask = np.zeros(self.size, np.uint8)
        middle = self._place - self._margin
        outlines = np.rint((self._outline + middle[:, None])
                           * 2 ** _SHIFT).astype(np.int32)
        for outline, level in zip(outlines, self._level, strict=True):
            cv2.fillPoly(mask, [outline], 1, cv2.LINE_8, _SHIFT)
            cv2.fillPoly(levels, [outline], level, cv2.LINE_8, _SHIFT)
        # Water is thinner towards a region's edge: a little darker inside,
        # and outside so thin that it only adds light.
        blur = max(0.6, 0.004 * width)
        soft = cv2.GaussianBlur(levels, (0, 0), blur)
        occluded = mask > 0
        reliance = np.where(occluded, 0.75 * levels + 0.25 * soft, 0)
        rim = np.where(occluded, 0, 0.6 * soft)
        return Occlusions(occluded, reliance.astype(np.float32),
                          rim.astype(np.float32))
