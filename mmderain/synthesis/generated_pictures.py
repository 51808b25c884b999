"""Pictures out of nothing: noise, gradients, shapes, text, tiles, twigs."""

import string

import cv2
import numpy as np

_SHIFT = 4  # binary digits behind the point in OpenCV's coordinates
_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX,
          cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX)
_LETTERS = np.array(list(string.ascii_letters + string.digits + '  .,:!?-'))


def fractal_noise(size: tuple[int, int], rng: np.random.Generator,
                  roughness: float = 0.55, coarsest: int = 3,
                  finest: int = 4) -> np.ndarray:
    """Smooth noise of many scales, such as clouds, stones and leaves have.

    Args:
        size: (height, width).
        rng: Source of every random choice.
        roughness: Height of a scale in heights of the next coarser one.
        coarsest: Points per side of the coarsest scale.
        finest: Scales end below so many pixels.

    Returns:
        (h, w) float32, 0 to 1 throughout.
    """
    total = np.zeros(size, np.float32)
    height = 1.0
    points = coarsest
    while max(size) / points >= finest:
        rows = max(2, points * size[0] // max(size))
        cols = max(2, points * size[1] // max(size))
        grid = rng.random((rows, cols), np.float32) * height
        total += cv2.resize(grid, size[::-1], interpolation=cv2.INTER_CUBIC)
        height *= roughness
        points *= 2
    return cv2.normalize(total, None, 0, 1, cv2.NORM_MINMAX)


def _colours(rng: np.random.Generator, count: int) -> np.ndarray:
    """(count, 3) float32 grey levels, mostly of little saturation."""
    grey = rng.uniform(15, 240, (count, 1))
    strays = rng.uniform(-1, 1, (count, 3)) * rng.choice((15, 70))
    return np.clip(grey + strays, 0, 255).astype(np.float32)


def _blend(mask: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return low + mask[..., None] * (high - low)


def noise_picture(size: tuple[int, int],
                  rng: np.random.Generator) -> np.ndarray:
    """Fractal noise between colours, in two kinds of patches."""
    first, second = (
        _blend(fractal_noise(size, rng, rng.uniform(0.4, 0.95),
                             finest=int(rng.integers(2, 9))),
               *_colours(rng, 2)) for _ in range(2))
    where = fractal_noise(size, rng, 0.4, finest=16)
    return _blend(np.clip((where - 0.5) * rng.choice((3, 40)) + 0.5, 0, 1),
                  first, second)


def gradient_picture(size: tuple[int, int],
                     rng: np.random.Generator) -> np.ndarray:
    """A sky: colours that run into each other, a little noise."""
    grid = _colours(rng, 6).reshape(3, 2, 3)
    picture = cv2.resize(grid, size[::-1], interpolation=cv2.INTER_CUBIC)
    texture = fractal_noise(size, rng, 0.7, 4, 2) - 0.5
    return picture + rng.uniform(0, 20) * texture[..., None]


def shapes_picture(size: tuple[int, int],
                   rng: np.random.Generator) -> np.ndarray:
    """Polygons, discs and bars over a gradient, some of them textured."""
    picture = gradient_picture(size, rng)
    for colour in _colours(rng, int(rng.integers(5, 30))):
        mask = np.zeros(size, np.uint8)
        draw_object(mask, rng, rng.uniform(0.04, 0.3) * min(size))
        shade = colour + rng.uniform(0, 50) * (
            rng.random((size[0] // 2, size[1] // 2, 1), np.float32) - 0.5)
        shade = cv2.resize(shade, size[::-1])
        picture = _blend(mask.astype(np.float32) / 255, picture, shade)
    return picture


def text_picture(size: tuple[int, int],
                 rng: np.random.Generator) -> np.ndarray:
    """A page or a board with lines of text."""
    picture = gradient_picture(size, rng)
    mask = np.zeros(size, np.uint8)
    draw_text(mask, rng, int(rng.integers(5, 30)))
    return _blend(mask.astype(np.float32) / 255, picture, _colours(rng, 1)[0])


def tiles_picture(size: tuple[int, int],
                  rng: np.random.Generator) -> np.ndarray:
    """A wall, a facade or a floor: tiles of colours about one, and joints."""
    tall, wide = rng.integers(8, 60, 2)
    rows, cols = size[0] // tall + 2, size[1] // wide + 2
    base, joint = _colours(rng, 2)
    tiles = base + rng.uniform(5, 50) * rng.uniform(-1, 1, (rows, cols, 1))
    picture = np.repeat(np.repeat(tiles, tall, 0), wide, 1)
    if rng.random() < 0.5:  # bricks: every other row is shifted
        rowwise = picture.reshape(rows, tall, -1, 3)
        rowwise[::2] = np.roll(rowwise[::2], wide // 2, 2)
    picture = picture[:size[0], :size[1]].astype(np.float32)
    thick = int(rng.integers(1, 4))
    picture[np.arange(size[0]) % tall < thick] = joint
    return picture + 25 * (fractal_noise(size, rng, 0.8, 8, 2)[..., None]
                           - 0.5)


def twigs_picture(size: tuple[int, int],
                  rng: np.random.Generator) -> np.ndarray:
    """Twigs or grass before a soft background."""
    picture = noise_picture(size, rng)
    for colour in _colours(rng, int(rng.integers(2, 5))):
        mask = np.zeros(size, np.uint8)
        draw_twigs(mask, rng, int(rng.integers(10, 60)))
        picture = _blend(mask.astype(np.float32) / 255, picture, colour)
    return picture


GENERATORS = {
    'noise': noise_picture, 'gradient': gradient_picture,
    'shapes': shapes_picture, 'text': text_picture, 'tiles': tiles_picture,
    'twigs': twigs_picture}


def generated_picture(kind: str, size: tuple[int, int],
                      rng: np.random.Generator) -> np.ndarray:
    """A picture of a kind in :data:`GENERATORS`, (h, w, 3) uint8 RGB."""
    picture = GENERATORS[kind](size, rng)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.rint(points * 2 ** _SHIFT).astype(np.int32)


def draw_object(mask: np.ndarray, rng: np.random.Generator,
                radius: float) -> None:
    """Draw an object's outline, filled with 255, somewhere into a mask.

    Args:
        mask: (h, w) uint8, changed in place.
        rng: Source of every random choice.
        radius: About half its size in pixels.
    """
    height, width = mask.shape
    middle = rng.uniform(0.1, 0.9, 2) * (width, height)
    kind = rng.integers(3)
    if kind == 0:  # round, a person's or a bush's outline
        angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        waves = sum(rng.uniform(-0.15, 0.15) * np.sin(
            k * angle + rng.uniform(0, 2 * np.pi)) for k in range(1, 6))
        spokes = np.stack([np.cos(angle) * rng.uniform(0.5, 1.4),
                           np.sin(angle) * rng.uniform(0.5, 1.4)], 1)
        outline = middle + radius * (1 + waves)[:, None] * spokes
    elif kind == 1:  # corners
        angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 7)))
        outline = middle + radius * np.stack(
            [np.cos(angle), np.sin(angle)], 1)
    else:  # a post or a beam
        half = np.array([rng.uniform(0.03, 0.25), 1.5]) * radius
        half = half[::-1] if rng.random() < 0.4 else half
        turn = np.deg2rad(rng.normal(0, 8))
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
        outline = middle + corners @ np.array(
            [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    cv2.fillPoly(mask, [_fixed(outline)], 255, cv2.LINE_AA, _SHIFT)


def draw_lines(mask: np.ndarray, rng: np.random.Generator,
               count: int) -> None:
    """Draw thin lines, half of them as steep as rain, into a mask."""
    height, width = mask.shape
    steep = rng.random(count) < 0.5
    turn = np.where(steep, rng.uniform(-35, 35, count),
                    rng.uniform(-90, 90, count))
    ahead = np.stack([np.sin(np.deg2rad(turn)), np.cos(np.deg2rad(turn))], 1)
    half = rng.uniform(4, rng.choice((20, 60, 200)), (count, 1)) / 2
    middle = rng.uniform(size=(count, 2)) * (width, height)
    ends = _fixed(np.stack([middle - half * ahead, middle + half * ahead], 1))
    for thick in (1, 2):
        chosen = rng.random(count) < 0.6
        cv2.polylines(mask, list(ends[chosen]), False,
                      float(rng.uniform(120, 255)), thick, cv2.LINE_AA,
                      _SHIFT)


def draw_grid(mask: np.ndarray, rng: np.random.Generator) -> None:
    """Draw a fence, a net or bars into a mask."""
    height, width = mask.shape
    reach = float(max(height, width))
    for turn in rng.choice((0, 90, 45, -45, 10, -10), rng.integers(1, 3),
                           replace=False) + rng.normal(0, 4):
        ahead = np.array([np.sin(np.deg2rad(turn)), np.cos(np.deg2rad(turn))])
        aside = np.array([ahead[1], -ahead[0]])
        offsets = np.arange(-reach, reach, rng.uniform(5, 30))[:, None]
        middle = np.array([width, height]) / 2 + offsets * aside
        ends = _fixed(np.stack([middle - reach * ahead,
                                middle + reach * ahead], 1))
        cv2.polylines(mask, list(ends), False, 255, int(rng.integers(1, 3)),
                      cv2.LINE_AA, _SHIFT)


def draw_text(mask: np.ndarray, rng: np.random.Generator,
              count: int) -> None:
    """Draw lines of letters into a mask."""
    height, width = mask.shape
    font = int(rng.choice(_FONTS))
    scale = float(rng.uniform(0.3, 1.2))
    for _ in range(count):
        words = ''.join(rng.choice(_LETTERS, rng.integers(3, 25)))
        place = (int(rng.uniform(-20, 0.8 * width)),
                 int(rng.uniform(0, height)))
        cv2.putText(mask, words, place, font, scale, 255,
                    int(rng.integers(1, 3)), cv2.LINE_AA)


def draw_twigs(mask: np.ndarray, rng: np.random.Generator,
               count: int) -> None:
    """Draw thin bent lines that grow about one way into a mask."""
    height, width = mask.shape
    steps = 9
    turn = rng.uniform(-180, 180) + rng.normal(0, 25, (count, 1)) + np.cumsum(
        rng.normal(0, 9, (count, steps)), 1)
    stride = rng.uniform(2, 14, (count, 1, 1)) * np.stack(
        [np.sin(np.deg2rad(turn)), np.cos(np.deg2rad(turn))], 2)
    start = rng.uniform(size=(count, 1, 2)) * (width, height)
    paths = _fixed(start + np.cumsum(stride, 1))
    cv2.polylines(mask, list(paths), False, 255, int(rng.integers(1, 3)),
                  cv2.LINE_AA, _SHIFT)
