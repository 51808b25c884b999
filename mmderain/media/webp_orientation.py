"""How a WebP image is turned, which OpenCV does not heed as in other kinds."""

import struct
from collections.abc import Callable

import cv2
import numpy as np

from mmderain.media.image_metadata import blocks

_ORIENTATION, _SHORT = 0x0112, 3  # a tag of Exif, and its type
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
        orientation = _orientation(next((
            block for kind, block in blocks(content) if kind == 'exif'), b''))
    except struct.error:  # what is damaged tells nothing
        return image
    return _UPRIGHT.get(orientation, lambda image: image)(image)


def _orientation(exif: bytes) -> int:
    """The orientation that Exif data tell; 1, upright, if none."""
    order = {b'II': '<', b'MM': '>'}.get(exif[:2])
    if order is None:
        return 1
    start, = struct.unpack_from(f'{order}I', exif, 4)
    number, = struct.unpack_from(f'{order}H', exif, start)
    for entry in range(number):
        tag, kind, _, value = struct.unpack_from(
            f'{order}HHIH', exif, start + 2 + 12 * entry)
        if (tag, kind) == (_ORIENTATION, _SHORT):
            return value
    return 1
