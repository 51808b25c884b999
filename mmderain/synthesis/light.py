"""Lines of light, out of focus, on a frame: what every streak is drawn with.
"""

import cv2
import numpy as np

# A Gaussian's full width at half its height, and its area, in sigmas.
FWHM = 2.3548
AREA = 2.5066


def line_energy(brightness: float, sigma: float) -> float:
    """Light per pixel of length of a line that is so bright in its middle.

    Args:
        brightness: In grey levels.
        sigma: Of the line's Gaussian profile in pixels. Below about half a
            pixel the light is spread over a whole one, and the line fades.
    """
    return brightness * sigma * AREA


def add_lines(light: np.ndarray, start: np.ndarray, vector: np.ndarray,
              energy: np.ndarray, sigma: float) -> None:
    """Add blurred lines to a map of light.

    Args:
        light: (h, w) float32 in grey levels, changed in place.
        start: (n, 2) float, x and y of each line's start in pixels.
        vector: (n, 2) float, from each line's start to its end.
        energy: (n, p) float, the light of p points evenly along each line; a
            pixel or less apart, they make a line.
        sigma: Blur in pixels.
    """
    height, width = light.shape
    points = energy.shape[1]
    # Room around the frame for the light that the blur brings in.
    pad = int(np.ceil(3 * sigma)) + 2
    rows, cols = height + 2 * pad, width + 2 * pad
    along = (np.arange(points) + 0.5) / points
    weight = energy.ravel()
    x = (start[:, :1] + vector[:, :1] * along).ravel() + pad
    y = (start[:, 1:] + vector[:, 1:] * along).ravel() + pad
    inside = (x >= 0) & (x < cols - 1) & (y >= 0) & (y < rows - 1)
    x, y, weight = x[inside], y[inside], weight[inside]
    left, top = x.astype(np.int64), y.astype(np.int64)
    right_part, low_part = x - left, y - top
    corner = top * cols + left
    canvas = np.zeros(rows * cols)
    # Each point's light is shared by the four pixels around it, so that a
    # line may lie and move between pixels.
    for shift, share in (
            (0, (1 - right_part) * (1 - low_part)),
            (1, right_part * (1 - low_part)),
            (cols, (1 - right_part) * low_part),
            (cols + 1, right_part * low_part)):
        canvas += np.bincount(corner + shift, weight * share, rows * cols)
    canvas = canvas.reshape(rows, cols).astype(np.float32)
    blurred = cv2.GaussianBlur(canvas, (0, 0), sigma)
    light += blurred[pad:pad + height, pad:pad + width]
