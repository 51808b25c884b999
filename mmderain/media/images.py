"""Image files: found in their order, read and written as RGB."""

import os
import re
from pathlib import Path

import cv2
import numpy as np

from mmderain.errors import DataError, UserError, remedy
from mmderain.file_kinds import no_file
from mmderain.files import write_whole
from mmderain.media.image_kinds import (
    TIFF_SUFFIXES,
    check_single,
    levels_of,
)
from mmderain.media.jpeg import check_whole_jpeg
from mmderain.media.webp_orientation import upright_webp

IMAGE_SUFFIXES = ('.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp')
# of cameras, telephones and other programs, which nothing here reads
_OTHER_SUFFIXES = frozenset({
    '.arw', '.avif', '.cr2', '.cr3', '.dng', '.dpx', '.exr', '.heic', '.heif',
    '.j2k', '.jp2', '.jxl', '.nef', '.orf', '.pgm', '.pnm', '.ppm', '.psd',
    '.raf', '.rw2', '.tga'})
_MOST_PIXELS = 1 << 30  # OpenCV's limit


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """A sort key of names that puts frame 10 behind frame 9.

    Upper and lower case are one, and names that are the same by this come in
    an order of their own, so that it does not matter who lists them.
    """
    parts = re.findall(r'\d+|\D+', name.casefold())
    return [*((0, int(part), '') if part.isdecimal() else (1, 0, part)
              for part in parts), (-1, 0, name)]


def listed(folder: Path) -> list[Path]:
    """What is in a folder, without hidden files, in natural order.

    Raises:
        DataError: The folder cannot be read.
    """
    try:
        items = [item for item in folder.iterdir()
                 if not item.name.startswith('.')]
    except OSError as error:
        raise DataError(f'{folder}: expected a folder that can be read, got '
                        f'"{error.strerror}". Fix the path or its permissions.'
                        ) from error
    return sorted(items, key=lambda item: natural_order(item.name))


def is_image(path: Path) -> bool:
    """Whether it has the suffix of an image, and is no folder."""
    return path.suffix.lower() in IMAGE_SUFFIXES and is_there_as_file(path)


def is_other_image(path: Path) -> bool:
    """Whether it has the suffix of an image that cannot be read."""
    return path.suffix.lower() in _OTHER_SUFFIXES and is_there_as_file(path)


def other_image(path: Path) -> DataError:
    """What is said of such an image."""
    return DataError(
        f'{path}: expected a picture of a kind that is read '
        f'({", ".join(IMAGE_SUFFIXES)}), got {path.suffix}. Convert it to '
        'PNG first, or move it out of the folder.')


def is_there_as_file(path: Path) -> bool:
    """Whether something there is no folder.

    Also where it cannot be read, such as a link that leads nowhere: passed
    over, it would be lost without a word.
    """
    return os.path.lexists(path) and not path.is_dir()


def read_image(path: Path) -> np.ndarray:
    """An image file as (h, w, 3) uint8 RGB.

    Raises:
        DataError: The file cannot be read.
    """
    problem = no_file(path)
    if problem:
        raise DataError(f'{path}: expected an image, but {problem}. Fix the '
                        'path, or replace or remove the file.')
    try:
        content = path.read_bytes()
        image = _decoded(path, np.frombuffer(content, np.uint8))
    except OSError as error:
        raise DataError(f'{path}: expected an image that can be read, got '
                        f'"{error.strerror}". {remedy(error)}') from error
    except cv2.error as error:
        raise DataError(
            f'{path}: expected an image of {_MOST_PIXELS} pixels at most that '
            'fits into memory, but it is too large. Scale it down, or cut it '
            'into parts.') from error
    if image is None:
        raise DataError(f'{path}: expected an image, but it cannot be '
                        'decoded. Replace or remove the file.')
    check_whole_jpeg(path, content)
    check_single(path)
    image = upright_webp(content, image)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _decoded(path: Path, data: np.ndarray) -> np.ndarray | None:
    """(h, w, 3) uint8 in OpenCV's order; None where it cannot be."""
    if path.suffix.lower() in TIFF_SUFFIXES:
        exact = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
        if exact is not None and exact.dtype.kind == 'f':
            return levels_of(path, exact)
        if exact is not None and exact.dtype not in (np.uint8, np.uint16):
            raise DataError(
                f'{path}: expected whole numbers of 8 or 16 bits without a '
                f'sign, or floating point, got {exact.dtype}. Convert it.')
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def write_rgb(path: Path, image: np.ndarray) -> None:
    """Write an RGB or a grey image as a whole; make the folder.

    Args:
        path: Its suffix says which format.
        image: (h, w, 3) RGB, (h, w) or (h, w, 1) grey; uint8.

    Raises:
        UserError: The file cannot be written (a full disk, no permission), or
            there is no such format.
    """
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        raise UserError(f'{path}: expected the name of an image, which ends '
                        f'in {", ".join(IMAGE_SUFFIXES)}. Change the ending.')
    if image.shape[2:] == (3, ):
        image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    # OpenCV's own writer does not notice a full disk
    content = cv2.imencode(path.suffix, image)[1].tobytes()
    # frames come by the thousand, and can be made again after a power cut
    write_whole(path, content, parents=True, durable=False)
