"""What LightMedian looks at in a window, as bytes, by OpenCV.

On bytes a median of five takes a tenth of a millisecond. Luma and colour
differences are those of OpenCV's ``COLOR_RGB2YCrCb``, rounded.
"""

from functools import reduce
from typing import NamedTuple

import cv2
import numpy as np

from mmderain.models.aligned_median.alignment import FindFlows, pull
from mmderain.models.aligned_median.guide_planes import byte_median
from mmderain.models.aligned_median.window import CENTRE, FRAMES

# of a frame: R, G, B, Y, Cr, Cb
LUMA = 3
# of OpenCV: Cr = (R - Y) * 0.713 + 128, Cb = (B - Y) * 0.564 + 128
CR_SCALE, CB_SCALE = 0.713, 0.564


class WindowPlanes(NamedTuple):
    """What of a window the network and those behind it look at, uint8.

    Args:
        network: (11, h, w), luma: aligned frames, their median and minimum,
            and the neighbours as they came.
        least: (1, h, w), the lowest luma that was seen anywhere.
        rgb: (3, h, w), the frame in the middle.
        chroma: (2, h, w), its Cr and Cb.
        median_chroma: (2, h, w), of the aligned frames.
    """

    network: np.ndarray
    least: np.ndarray
    rgb: np.ndarray
    chroma: np.ndarray
    median_chroma: np.ndarray

    @classmethod
    def of(cls, planes: np.ndarray) -> 'WindowPlanes':
        """Take apart what :func:`window_planes` has put together.

        Args:
            planes: Shape (19, h, w).
        """
        return cls(*np.split(planes, np.cumsum(_COUNTS)[:-1]))


_COUNTS = (2 * FRAMES + 1, 1, 3, 2, 2)


def frame_planes(frame: np.ndarray) -> np.ndarray:
    """Colours and, behind them, luma and colour differences.

    Args:
        frame: Shape (3, h, w), uint8 RGB.

    Returns:
        np.ndarray: Shape (6, h, w), uint8.
    """
    image = np.ascontiguousarray(frame.transpose(1, 2, 0))
    ycrcb = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    return np.stack([*cv2.split(image), *cv2.split(ycrcb)])


def window_planes(window: np.ndarray, find_flows: FindFlows) -> np.ndarray:
    """Align a window, and look at it.

    Args:
        window: Shape (5, 6, h, w), of :func:`frame_planes`.
        find_flows: Finds flow in luma (5, h, w).

    Returns:
        np.ndarray: Shape (19, 1, h, w), uint8: of :class:`WindowPlanes`.
    """
    luma = window[:, LUMA]
    neighbours = [index for index in range(FRAMES) if index != CENTRE]
    aligned = [cv2.merge(list(frame[LUMA:])) for frame in window]
    for index, flow in zip(neighbours, find_flows(luma), strict=True):
        aligned[index] = pull(aligned[index], flow)
    median = cv2.split(byte_median(*aligned))
    aligned_luma = [cv2.extractChannel(frame, 0) for frame in aligned]
    lowest = reduce(cv2.min, aligned_luma)
    beside = [luma[index] for index in neighbours]
    return np.stack([
        *aligned_luma, median[0], lowest, *beside,
        reduce(cv2.min, beside, lowest), *window[CENTRE, :LUMA],
        *window[CENTRE, LUMA + 1:], *median[1:]])[:, None]


def packed(planes: np.ndarray) -> np.ndarray:
    """Pixels of 2 x 2 behind each other: (p, h, w) to (4 p, h / 2, w / 2).

    As ``torch.nn.functional.pixel_unshuffle``; float32 in [0, 1] of uint8.
    """
    count, height, width = planes.shape
    result = np.empty((count, 2, 2, height // 2, width // 2), np.float32)
    for row in range(2):
        for column in range(2):
            np.multiply(planes[:, row::2, column::2], np.float32(1 / 255),
                        out=result[:, row, column])
    return result.reshape(4 * count, height // 2, width // 2)


def unpacked(maps: np.ndarray) -> np.ndarray:
    """The inverse, of floats: (4 p, h, w) to (p, 2 h, 2 w)."""
    count, height, width = len(maps) // 4, *maps.shape[1:]
    maps = maps.reshape(count, 2, 2, height, width)
    result = np.empty((count, 2 * height, 2 * width), maps.dtype)
    for row in range(2):
        for column in range(2):
            result[:, row::2, column::2] = maps[:, row, column]
    return result


