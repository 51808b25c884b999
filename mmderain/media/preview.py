"""Input and output in one picture."""

import numpy as np


def preview(before: np.ndarray, after: np.ndarray, kind: str) -> np.ndarray:
    """Put both into one picture.

    Args:
        before: (h, w, 3) uint8.
        after: The same.
        kind: 'side' by side, or 'split' at the middle, with a white line.
    """
    if kind == 'side':
        return np.concatenate([before, after], axis=1)
    middle = before.shape[1] // 2
    picture = after.copy()
    picture[:, :middle] = before[:, :middle]
    picture[:, middle - 1:middle + 1] = 255
    return picture
