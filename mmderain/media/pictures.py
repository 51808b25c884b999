"""Pictures to look at: captions, and images side by side."""

import cv2
import numpy as np

_CAPTION_HEIGHT = 22


def caption(image: np.ndarray, text: str) -> np.ndarray:
    """An RGB image with a line of text above it."""
    line = np.full((_CAPTION_HEIGHT, image.shape[1], 3), 255, np.uint8)
    cv2.putText(line, text, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0),
                1, cv2.LINE_AA)
    return np.concatenate([line, image])


def stack_rows(rows: list[np.ndarray]) -> np.ndarray:
    """Rows one below the other, the narrower ones filled up with white."""
    width = max(row.shape[1] for row in rows)
    return np.concatenate([
        np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)),
               constant_values=255) for row in rows])
