"""Image files that are more than one picture of whole levels."""

from pathlib import Path

import cv2
import numpy as np

from mmderain.errors import DataError
from mmderain.media.page_count import count_pages

TIFF_SUFFIXES = ('.tif', '.tiff')
# a JPEG may hold a second view or a preview behind the picture
_MAY_HAVE_MORE = (*TIFF_SUFFIXES, '.png', '.webp')


def check_single(path: Path) -> None:
    """Refuse a file of several frames, of which only one would be read.

    Args:
        path: An image that can be decoded.

    Raises:
        DataError: It is an animation, or has several pages of one size.
    """
    if path.suffix.lower() not in _MAY_HAVE_MORE:
        return
    count = count_pages(path)
    if count > 1:
        raise DataError(
            f'{path}: expected one image, but it holds {count} frames. Write '
            'them into a folder, one file each, or into a video, and give '
            'that.')


def levels_of(path: Path, image: np.ndarray) -> np.ndarray:
    """A picture in floating point as levels.

    Args:
        path: Of the image, for messages.
        image: (h, w) or (h, w, c), from 0 to 1, in OpenCV's order.

    Returns:
        np.ndarray: (h, w, 3) uint8, in OpenCV's order.

    Raises:
        DataError: A value is no number, or not from 0 to 1.
    """
    if not np.isfinite(image).all():
        raise DataError(f'{path}: expected numbers from 0 to 1, but there are '
                        'values that are none (NaN or infinite). Replace '
                        'those, or the file.')
    low, high = image.min(), image.max()
    if low < 0 or high > 1:
        raise DataError(
            f'{path}: expected numbers from 0 to 1, since it holds floating '
            f'point, but they go from {low:.4g} to {high:.4g}. Scale them, or '
            'store whole numbers of 8 or 16 bits.')
    levels = (image * 255).round().astype(np.uint8)
    if levels.ndim == 2 or levels.shape[2] == 1:
        return cv2.cvtColor(levels, cv2.COLOR_GRAY2BGR)
    return np.ascontiguousarray(levels[..., :3])
