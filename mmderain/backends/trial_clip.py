"""A clip on which backends are tried: a pan in rain, behind drops."""

import cv2
import numpy as np

_SIZE = (96, 160)
_STEP = 2  # pixels that the camera moves in a frame
_DROPS = ((30, 40, 9), (60, 110, 12), (40, 130, 7))  # row, column, radius


def trial_clip(count: int) -> list[np.ndarray]:
    """The same frames for the same number, (h, w, 3) uint8 RGB each."""
    rng = np.random.default_rng(0)
    height, width = _SIZE
    scene = cv2.resize(
        rng.integers(0, 200, (height // 8, (width + count * _STEP) // 8 + 1,
                              3), dtype=np.uint8),
        None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    drops = _drops()
    frames = []
    for index in range(count):
        frame = scene[:height, index * _STEP:][:, :width].astype(np.float32)
        for row, column, length in zip(
                rng.integers(0, height, 30), rng.integers(0, width, 30),
                rng.integers(5, 20, 30), strict=True):
            frame[row:row + length, column] += 60
        behind = cv2.GaussianBlur(frame, (0, 0), 6) + 20
        frames.append((frame + drops * (behind - frame))
                      .clip(0, 255).astype(np.uint8))
    return frames


def _drops() -> np.ndarray:
    """How much they cover, (h, w, 1)."""
    rows, columns = np.mgrid[:_SIZE[0], :_SIZE[1]]
    cover = np.zeros(_SIZE, np.float32)
    for row, column, radius in _DROPS:
        cover[np.hypot(rows - row, columns - column) < radius] = 1
    return cv2.GaussianBlur(cover, (0, 0), 1.5)[..., None]
