"""How a WebP image is turned, which OpenCV does not heed as in other kinds."""

import struct
from collections.abc import Callable

import cv2
import numpy as np

from mmderain.media.image_metadata import ORIENTATION, blocks, exif_tags

_IS_UPRIGHT = 1
# from the Exif standard: what brings each orientation upright
_UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: cv2.transpose,
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.flip(cv2.transpose(image), -1),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE)}


def upright_webp(content: bytes, image: np.ndarray) -> np.ndarray:
    """Turn a picture as its file says; other kinds stay as they are.

    Args:
        content: Of the file.
        image: What OpenCV has decoded of it.
    """
    if content[:4] != b'RIFF' or content[8:12] != b'WEBP':
        return image
    try:
        tags = exif_tags(next((
            block for kind, block in blocks(content) if kind == 'exif'), b''))
    except struct.error:  # what is damaged tells nothing
        return image
    _, orientation = tags.get(ORIENTATION, (0, _IS_UPRIGHT))
    return _UPRIGHT.get(orientation, lambda image: image)(image)
