"""What happens in real clips and is no rain, though it may look like it.

Thin things that pass fast, sparks and flakes, light that changes at once. All
of it is part of the truth: a network that is trained on it learns to leave it.
Each kind takes a clip (t, h, w, 3) uint8 RGB and gives a changed one.
"""

from collections.abc import Callable

import cv2
import numpy as np

from mmderain.synthesis.generated_pictures import draw_text, draw_twigs

_SHIFT = 4  # binary digits behind the point in OpenCV's coordinates


def add_negative(frames: np.ndarray, rng: np.random.Generator
                 ) -> tuple[np.ndarray, str]:
    """A clip with something in it that is no rain, and what it is.

    Args:
        frames: (t, h, w, 3) uint8 RGB; not changed.
        rng: Source of every random choice.
    """
    kind = str(rng.choice(tuple(NEGATIVES)))
    return NEGATIVES[kind](frames, rng), kind


def _over(frames: np.ndarray, shares: list[np.ndarray],
          colour: np.ndarray) -> np.ndarray:
    """One colour over a clip, as much as each pixel's share (h, w) says."""
    share = np.stack(shares)[..., None]
    return np.rint(frames + share * (colour - frames)).astype(np.uint8)


def _colour(rng: np.random.Generator, bright_share: float = 0.75
            ) -> np.ndarray:
    """A colour near grey; bright ones are what resembles rain."""
    grey = (rng.uniform(150, 255) if rng.random() < bright_share
            else rng.uniform(0, 90))
    return np.clip(grey + rng.uniform(-25, 25, 3), 0, 255).astype(np.float32)


def _strokes(size: tuple[int, int], ends: np.ndarray, thick: int,
             softness: float) -> np.ndarray:
    """Lines (n, 2, 2) as shares (h, w) from 0 to 1."""
    canvas = np.zeros(size, np.uint8)
    fixed = np.rint(ends * 2 ** _SHIFT).astype(np.int32)
    cv2.polylines(canvas, list(fixed), False, 255, thick, cv2.LINE_AA, _SHIFT)
    return cv2.GaussianBlur(canvas, (0, 0), softness).astype(np.float32) / 255


def sparks(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Short bright strokes that fly all ways, each frame's in new places."""
    size = frames.shape[1:3]
    count, longest = int(rng.integers(2, 40)), rng.uniform(1, 12)
    thick, softness = int(rng.integers(1, 3)), rng.uniform(0.3, 0.8)
    # from one point, as of a grinder, or from everywhere
    spread = rng.choice((0.1, 0.3, 1.0)) * max(size)
    source = rng.uniform(0, 1, 2) * size[::-1]
    shares = []
    for _ in frames:
        middle = source + spread * rng.uniform(-1, 1, (count, 2))
        turn = rng.uniform(0, 2 * np.pi, (count, 1))
        half = rng.uniform(0.2, 1, (count, 1)) * longest / 2 * np.concatenate(
            [np.cos(turn), np.sin(turn)], 1)
        shares.append(_strokes(size, np.stack([middle - half, middle + half],
                                              1), thick, softness))
    warm = np.array([255, rng.uniform(180, 255), rng.uniform(90, 255)])
    return _over(frames, shares, warm.astype(np.float32))


def flakes(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Snow: round soft spots that drift down."""
    size = frames.shape[1:3]
    count = int(rng.integers(8, 160))
    place = rng.uniform(-0.1, 1.1, (count, 2)) * size[::-1]
    speed = np.stack([rng.normal(0, 2, count) + rng.uniform(-4, 4),
                      rng.uniform(1, 14) * rng.uniform(0.6, 1.3, count)], 1)
    largest = rng.uniform(0.8, 4)
    radii = np.maximum(0.5, largest * rng.uniform(0.4, 1, count))
    opacity = rng.uniform(0.35, 1)
    softness = rng.uniform(0.4, 1.2)
    shares = []
    for time in range(len(frames)):
        canvas = np.zeros(size, np.uint8)
        for middle, radius in zip(place + time * speed, radii, strict=True):
            cv2.circle(canvas, tuple(map(int, np.rint(
                middle * 2 ** _SHIFT))), int(radius * 2 ** _SHIFT), 255, -1,
                cv2.LINE_AA, _SHIFT)
        shares.append(opacity / 255 * cv2.GaussianBlur(
            canvas, (0, 0), softness).astype(np.float32))
    return _over(frames, shares, np.full(3, rng.uniform(200, 255), 'f4'))


def glints(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Windows and leaves far away that flash up in places of their own."""
    size = frames.shape[1:3]
    count = int(rng.integers(5, 120))
    # all about some height, as a row of houses or the crowns of trees
    place = np.stack([rng.uniform(0, size[1], count),
                      rng.normal(rng.uniform(0, 1), 0.15, count) * size[0]],
                     1)
    drift = rng.uniform(-4, 4, 2) * rng.random() ** 2
    radius = rng.uniform(0.4, 1.6)
    shares = []
    for time in range(len(frames)):
        lit = place[rng.random(count) < rng.uniform(0.2, 0.6)] + time * drift
        half = np.array([radius / 2, 0])
        shares.append(_strokes(size, np.stack([lit - half, lit + half], 1),
                               1, max(0.3, radius / 2)))
    return _over(frames, shares, _colour(rng))


def spokes(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Thin lines that turn about a point: wheels, arms, wings."""
    size = frames.shape[1:3]
    count = int(rng.integers(2, 26))
    radius = rng.uniform(0.1, 0.5) * min(size)
    middle = rng.uniform(0.1, 0.9, 2) * size[::-1]
    path = rng.uniform(-6, 6, 2)
    turn = np.deg2rad(rng.uniform(3, 40)) * rng.choice((-1, 1))
    angles = rng.uniform(0, 2 * np.pi) + np.arange(count) * (
        2 * np.pi / count) + rng.normal(0, 0.05, count)
    thick, softness = int(rng.integers(1, 4)), rng.uniform(0.3, 0.9)
    inner = rng.uniform(0, 0.5)
    shares = []
    for time in range(len(frames)):
        ahead = np.stack([np.cos(angles + time * turn),
                          np.sin(angles + time * turn)], 1)
        centre = middle + time * path
        shares.append(_strokes(size, np.stack(
            [centre + inner * radius * ahead, centre + radius * ahead], 1),
            thick, softness))
    return _over(frames, shares, _colour(rng, 0.6))


def _drifting(mask: np.ndarray, size: tuple[int, int], count: int,
              speed: np.ndarray) -> list[np.ndarray]:
    """Windows of a mask that is larger, each moved on by the speed."""
    start = (np.array(mask.shape[::-1]) - size[::-1]) / 2 \
        - speed * (count - 1) / 2
    return [cv2.warpAffine(
        mask, np.array([[1, 0, -x], [0, 1, -y]]), size[::-1],
        borderMode=cv2.BORDER_WRAP).astype(np.float32) / 255
        for x, y in start + np.arange(count)[:, None] * speed]


def _velocity(rng: np.random.Generator, low: float, high: float
              ) -> np.ndarray:
    turn = (rng.choice((0, np.pi / 2, np.pi, -np.pi / 2))
            + rng.normal(0, 0.2))
    return rng.uniform(low, high) * np.array([np.cos(turn), np.sin(turn)])


def passing_text(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Much text that scrolls or runs across."""
    size = frames.shape[1:3]
    canvas = np.zeros((2 * size[0], 2 * size[1]), np.uint8)
    draw_text(canvas, rng, int(rng.integers(8, 90)))
    return _over(frames, _drifting(canvas, size, len(frames), _velocity(
        rng, 2, 16)), _colour(rng))


def passing_twigs(frames: np.ndarray, rng: np.random.Generator
                  ) -> np.ndarray:
    """Branches close to a road."""
    size = frames.shape[1:3]
    canvas = np.zeros((2 * size[0], 2 * size[1]), np.uint8)
    draw_twigs(canvas, rng, int(rng.integers(20, 250)))
    canvas = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.3, 0.9))
    return _over(frames, _drifting(canvas, size, len(frames), _velocity(
        rng, 4, 26)), _colour(rng, 0.4))


def grid(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A fence, a net or a screen's pattern that repeats itself."""
    size = frames.shape[1:3]
    canvas = np.zeros((2 * size[0], 2 * size[1]), np.uint8)
    period, thick = int(rng.integers(5, 20)), int(rng.integers(1, 4))
    kind = rng.integers(3)
    for line in range(thick):
        if kind != 1:
            canvas[:, line::period] = 255
        if kind != 2:
            canvas[line::period] = 255
    canvas = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.3, 0.8))
    return _over(frames, _drifting(canvas, size, len(frames), _velocity(
        rng, 0.5, 8)), _colour(rng, 0.5))


def bar(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A wiper or a post that sweeps through."""
    size = frames.shape[1:3]
    middle = rng.uniform(0.2, 0.8, 2) * size[::-1]
    speed = _velocity(rng, 8, 40)
    ahead = np.array([-speed[1], speed[0]]) / np.hypot(*speed)
    turn = np.deg2rad(rng.uniform(-6, 6))
    thick, softness = int(rng.integers(2, 34)), rng.uniform(0.4, 2)
    shares = []
    for step in np.arange(len(frames)) - len(frames) // 2:
        cos, sin = np.cos(step * turn), np.sin(step * turn)
        way = 2.0 * max(size) * np.array([cos * ahead[0] - sin * ahead[1],
                                          sin * ahead[0] + cos * ahead[1]])
        place = middle + step * speed
        shares.append(_strokes(size, np.array([[place - way, place + way]]),
                               thick, softness))
    return _over(frames, shares, _colour(rng, 0.4))


def light_change(frames: np.ndarray, rng: np.random.Generator
                 ) -> np.ndarray:
    """Lightning, a flash, a lamp that flickers, an exposure that follows."""
    count = len(frames)
    kind = rng.integers(4)
    gains, lifts = np.ones(count), np.zeros(count)
    if kind == 0:  # some frames are lit up, or the others are dark
        lit = rng.random(count) < rng.uniform(0.2, 0.6)
        gains[:] = rng.uniform(0.3, 1)
        gains[lit] = rng.uniform(0.8, 1.5)
    elif kind == 1:
        lifts[rng.integers(count)] = rng.uniform(-90, 130)
    elif kind == 2:
        gains = rng.uniform(0.7, 1.3, count)
    else:
        gains = np.exp(rng.uniform(-0.25, 0.25) * np.arange(count))
        gains /= gains.max() * rng.uniform(0.8, 1)
    changed = (gains[:, None, None, None] * frames
               + lifts[:, None, None, None])
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8)


def comb(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two fields of an interlaced picture, taken one after the other."""
    later = np.concatenate([frames[1:], frames[-1:]])
    if rng.random() < 0.5:
        later = np.concatenate([frames[:1], frames[:-1]])
    woven = frames.copy()
    woven[:, 1::2] = later[:, 1::2]
    return woven


NEGATIVES: dict[str, Callable[[np.ndarray, np.random.Generator],
                              np.ndarray]] = {
    kind.__name__: kind for kind in (
        sparks, flakes, glints, spokes, passing_text, passing_twigs, grid,
        bar, light_change, comb)}
