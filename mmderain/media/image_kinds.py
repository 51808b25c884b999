"""Image files that are more than one picture of whole levels."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from mmderain.errors import DataError

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
    count = _pages(path)
    if count > 1:
        raise DataError(
            f'{path}: expected one image, but it holds {count} frames. Write '
            'them into a folder, one file each, or into a video, and give '
            'that.')


def _pages(path: Path) -> int:
    """How many frames there are; a smaller copy of the first is none."""
    try:
        with Image.open(path) as image:
            size, count = image.size, getattr(image, 'n_frames', 1)
            if path.suffix.lower() not in TIFF_SUFFIXES:
                return count
            same = 0
            for page in range(count):
                image.seek(page)
                same += image.size == size
            return same
    except UnidentifiedImageError:
        # of a kind that OpenCV alone knows, such as colours in floating point
        return (cv2.imcount(str(path))
                if path.suffix.lower() in TIFF_SUFFIXES else 1)
    except (OSError, ValueError, EOFError, SyntaxError):
        return 1  # what is damaged behind the first frame was not asked for


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
