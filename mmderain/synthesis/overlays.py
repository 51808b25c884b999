"""What stands still in a clip and is no drop: bonnets, text, bars, logos."""

from typing import NamedTuple

import cv2
import numpy as np

from mmderain.synthesis.generated_pictures import (
    GENERATORS,
    draw_text,
    generated_picture,
)

_BONNET = 'bonnet'


class Overlay(NamedTuple):
    """Something over a clip that stands still and is no drop.

    Args:
        kind: What it is.
        share: (h, w, 1) float32, how much it covers.
        picture: (h, w, 3) uint8, what it looks like.
    """

    kind: str
    share: np.ndarray
    picture: np.ndarray

    @classmethod
    def random(cls, size: tuple[int, int],
               rng: np.random.Generator) -> 'Overlay':
        """Draw one."""
        kind = str(rng.choice(tuple(_DRAW), p=_FREQUENCIES))
        mask = _DRAW[kind](*size, rng)
        share = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.3, 1.5)).astype(
            np.float32)[..., None] / 255
        if rng.random() < (0.7 if kind == 'marks' else 0.2):
            share *= rng.uniform(0.2 if kind == 'marks' else 0.4, 1)
        return cls(kind, share, _look(kind, size, rng))

    @property
    def in_scene(self) -> bool:
        """Whether it is before the lens, and not put into the picture."""
        return self.kind == _BONNET

    def over(self, frames: np.ndarray) -> np.ndarray:
        """Put it over a clip (t, h, w, 3) uint8 RGB."""
        return np.rint(frames + self.share * (
            self.picture.astype(np.float32) - frames)).astype(np.uint8)


def _look(kind: str, size: tuple[int, int],
          rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.5 and kind in (_BONNET, 'logo'):
        return generated_picture(str(rng.choice(tuple(GENERATORS))), size,
                                 rng)
    picture = np.empty((*size, 3), np.uint8)
    if kind == 'text':
        picture[:] = 255 if rng.random() < 0.7 else 0
    elif kind == 'marks' and rng.random() < 0.5:
        picture[:] = rng.integers(0, 256, 3)
    else:
        picture[:] = int(rng.choice((0, 16, rng.uniform(0, 255))))
    return picture


def _draw_bonnet(height: int, width: int,
                 rng: np.random.Generator) -> np.ndarray:
    columns = np.arange(width)
    top = height * rng.uniform(0.6, 0.95) + height * rng.uniform(
        -0.3, 0.3) * ((columns / width - rng.uniform(0, 1)) ** 2)
    return np.where(np.arange(height)[:, None] > top, 255, 0).astype(np.uint8)


def _draw_text(height: int, width: int,
               rng: np.random.Generator) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    draw_text(mask, rng, int(rng.integers(1, 5)))
    return mask


def _draw_bars(height: int, width: int,
               rng: np.random.Generator) -> np.ndarray:
    upright = rng.random() < 0.3
    mask = np.zeros((width, height) if upright else (height, width), np.uint8)
    bar = int(rng.uniform(0.03, 0.2) * height)
    mask[:bar], mask[len(mask) - bar:] = 255, 255
    return np.ascontiguousarray(mask.T) if upright else mask


def _draw_logo(height: int, width: int,
               rng: np.random.Generator) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    x, y = rng.integers(0, (width, height))
    cv2.rectangle(mask, (int(x), int(y)), (int(x + rng.integers(6, 50)),
                                           int(y + rng.integers(4, 30))),
                  255, -1)
    return mask


def _draw_marks(height: int, width: int,
                rng: np.random.Generator) -> np.ndarray:
    """Discs, rings and plates: buttons of a screen, watermarks."""
    mask = np.zeros((height, width), np.uint8)
    size = np.exp(rng.uniform(*np.log((2.0, 20.0))))
    place = rng.uniform(0, (width, height))
    step = rng.uniform(2, 5) * size * np.array(
        (1, 0) if rng.random() < 0.6 else (0, 1))
    for number in range(int(rng.integers(1, 7))):
        x, y = map(int, place + number * step)
        axes = tuple(max(1, int(size * rng.uniform(0.8, 1.2)))
                     for _ in range(2))
        kind = rng.random()
        if kind < 0.2:
            cv2.rectangle(mask, (x - axes[0], y - axes[1]),
                          (x + axes[0], y + axes[1]), 255, -1)
        else:
            thick = int(rng.integers(1, 4)) if kind < 0.4 else -1
            cv2.ellipse(mask, (x, y), axes, 0, 0, 360, 255, thick,
                        cv2.LINE_AA)
        if rng.random() < 0.5:  # a sign cut into it
            cv2.circle(mask, (x, y), max(1, axes[0] // 2), 0,
                       -1 if rng.random() < 0.5 else 1, cv2.LINE_AA)
    return mask


_DRAW = {_BONNET: _draw_bonnet, 'text': _draw_text, 'bars': _draw_bars,
         'logo': _draw_logo, 'marks': _draw_marks}
# marks are what looks most like drops
_FREQUENCIES = (0.17, 0.2, 0.15, 0.13, 0.35)
