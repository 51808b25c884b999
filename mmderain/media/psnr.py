"""The one formula of PSNR; what goes into it is a protocol's business."""

import math

import numpy as np

PEAK = 255


def psnr(difference: np.ndarray, most: float = math.inf) -> float:
    """Peak signal-to-noise ratio in dB, of images of 8 bits.

    Args:
        difference: Of two images, floating, in levels of 8 bits; any shape.
        most: What equal images have, and what no others exceed.
    """
    error = float(np.mean(np.square(difference)))
    found = 10 * math.log10(PEAK**2 / error) if error else math.inf
    return min(found, most)
