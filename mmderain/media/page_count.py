"""How many pictures an image file holds: PNG, WebP and TIFF.

OpenCV reads the first and does not say that there are more.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_PNG = b'\x89PNG\r\n\x1a\n'
# by the mark of a TIFF: order of bytes; of its offsets, their form; of an
# entry of a directory, its length; of the number of entries, its form
_TIFF = {b'II*\0': ('<', 'I', 12, 'H'), b'MM\0*': ('>', 'I', 12, 'H'),
         b'II+\0': ('<', 'Q', 20, 'Q'), b'MM\0+': ('>', 'Q', 20, 'Q')}
_WIDTH, _HEIGHT, _SHORT = 256, 257, 3


def count_pages(path: Path) -> int:
    """Count; a smaller copy of the first page of a TIFF is none.

    Returns:
        int: 1 also for other kinds, and for what is damaged behind the first
        page, which nobody asked for.
    """
    with path.open('rb') as file:
        start = file.read(12)
        try:
            if start.startswith(_PNG):
                return _frames_of_png(file)
            if start[:4] == b'RIFF' and start[8:] == b'WEBP':
                return max(1, sum(kind == b'ANMF' for kind in _chunks(file)))
            if start[:4] in _TIFF:
                sizes = list(_sizes_of_tiff(file, start[:4]))
                return max(1, sizes.count(sizes[0]))
        except (struct.error, OverflowError, LookupError):
            pass
    return 1


def _frames_of_png(file: BinaryIO) -> int:
    """Those of its animation, and a picture before it that is none of it."""
    file.seek(len(_PNG))
    frames, is_first = 0, False
    while True:
        length, kind = struct.unpack('>I4s', file.read(8))
        if kind == b'IDAT':
            return max(1, frames + (frames > 0 and not is_first))
        if kind == b'acTL':
            frames, = struct.unpack('>I', file.read(4))
            file.seek(-4, 1)
        is_first |= kind == b'fcTL'
        file.seek(length + 4, 1)  # and its checksum


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The kinds of a RIFF file's chunks."""
    while len(head := file.read(8)) == 8:
        kind, length = struct.unpack('<4sI', head)
        yield kind
        file.seek(length + length % 2, 1)


def _sizes_of_tiff(file: BinaryIO, mark: bytes) -> Iterator[dict[int, int]]:
    """Width and height of each page."""
    order, offset, entry, number = _TIFF[mark]

    def read(form: str) -> int:
        form = order + form
        return struct.unpack(form, file.read(struct.calcsize(form)))[0]

    file.seek(4 if offset == 'I' else 8)
    seen: set[int] = set()
    while (place := read(offset)) and place not in seen:
        seen.add(place)
        file.seek(place)
        content = file.read(entry * read(number))
        size = {}
        for begin in range(0, len(content), entry):
            tag, kind = struct.unpack_from(f'{order}HH', content, begin)
            if tag in (_WIDTH, _HEIGHT):
                size[tag], = struct.unpack_from(
                    order + ('H' if kind == _SHORT else 'I'), content,
                    begin + entry - struct.calcsize(offset))
        yield size
