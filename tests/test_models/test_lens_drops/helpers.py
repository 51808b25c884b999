"""A picture that pans behind drops that stay."""

import cv2
import numpy as np

SIZE = (96, 128)
DROPS = np.zeros(SIZE, bool)
DROPS[30:46, 60:76] = True
DROPS[70:80, 20:34] = True


def pan(frames: int, step: int = 3, seed: int = 0) -> np.ndarray:
    """(t, h, w, 3) uint8, soft patches that move by whole pixels."""
    rng = np.random.default_rng(seed)
    height, width = SIZE
    wide = width + step * frames
    picture = cv2.resize(rng.integers(0, 255, (height // 6, wide // 6, 3),
                                      np.uint8), (wide, height),
                         interpolation=cv2.INTER_CUBIC)
    return np.stack([picture[:, step * index:step * index + width]
                     for index in range(frames)])


def with_drops(frames: np.ndarray) -> np.ndarray:
    """The same behind two grey drops that are soft inside."""
    wet = frames.copy()
    for frame in wet:
        blurred = cv2.GaussianBlur(frame, (0, 0), 12)
        frame[DROPS] = (0.4 * blurred[DROPS] + 90).astype(np.uint8)
    return wet


def find_true(planes: np.ndarray) -> np.ndarray:
    """The drops, in place of a network."""
    return DROPS.astype(np.float32)


def find_none(planes: np.ndarray) -> np.ndarray:
    """No drops, in place of a network."""
    return np.zeros(SIZE, np.float32)
