"""What image files say beside their pixels, and OpenCV does not hand on."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress

_SRGB = (b'sRGB', 'sRGB'.encode('utf-16-be'))  # in a profile's name
ORIENTATION, _PROFILE_TAG = 0x0112, 0x8773  # tags of Exif, and of TIFF
_SHORT = 3  # the type of a value of two bytes
_JPEG, _PNG = b'\xff\xd8', b'\x89PNG\r\n\x1a\n'
_TIFF = (b'II*\0', b'MM\0*')
_LONGEST = 1 << 20  # of a profile that is unpacked, in bytes
_PIXELS = 0xDA  # the marker of a JPEG behind which they begin


def beside_pixels(content: bytes) -> list[str]:
    """Name what there is; a damaged file says what can be read of it.

    Args:
        content: Of the file.

    Returns:
        list[str]: Neither of a profile that says sRGB, which is what is taken
        where nothing is said, nor of how the picture is turned, which is
        heeded.
    """
    found = []
    with suppress(struct.error, zlib.error):
        for kind, block in blocks(content):
            if kind == 'profile' and not any(
                    name in block for name in _SRGB):
                found.append('the colour profile')
            elif kind == 'exif' and set(exif_tags(block)) - {ORIENTATION}:
                found.append('what the camera wrote (Exif)')
    return list(dict.fromkeys(found))


def blocks(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Profiles and Exif data of the kinds of files that have them."""
    if content.startswith(_JPEG):
        yield from _of_jpeg(content)
    elif content.startswith(_PNG):
        yield from _of_png(content)
    elif content[:4] == b'RIFF' and content[8:12] == b'WEBP':
        for kind, block in _riff_chunks(content):
            if kind in (b'ICCP', b'EXIF'):
                yield ('profile' if kind == b'ICCP' else 'exif',
                       block.removeprefix(b'Exif\0\0'))
    elif content.startswith(_TIFF):
        tags = exif_tags(content)
        if _PROFILE_TAG in tags:
            length, place = tags[_PROFILE_TAG]
            yield 'profile', content[place:place + length]


def _of_jpeg(content: bytes) -> Iterator[tuple[str, bytes]]:
    place = len(_JPEG)
    while content[place:place + 1] == b'\xff':
        marker, length = struct.unpack_from('>xBH', content, place)
        block = content[place + 4:place + 2 + length]
        if marker == _PIXELS:
            return
        if block.startswith(b'Exif\0\0'):
            yield 'exif', block[6:]
        elif block.startswith(b'ICC_PROFILE\0'):
            yield 'profile', block
        place += 2 + length


def _of_png(content: bytes) -> Iterator[tuple[str, bytes]]:
    place = len(_PNG)
    while place < len(content):
        length, kind = struct.unpack_from('>I4s', content, place)
        block = content[place + 8:place + 8 + length]
        if kind == b'iCCP':
            # a name, a zero, the method, and the profile
            packed = block.partition(b'\0')[2][1:]
            yield 'profile', zlib.decompressobj().decompress(packed, _LONGEST)
        elif kind == b'eXIf':
            yield 'exif', block
        place += 12 + length


def _riff_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 12
    while place + 8 <= len(content):
        kind, length = struct.unpack_from('<4sI', content, place)
        yield kind, content[place + 8:place + 8 + length]
        place += 8 + length + length % 2


def exif_tags(tiff: bytes) -> dict[int, tuple[int, int]]:
    """The first directory of Exif data, which is that of a TIFF.

    Returns:
        dict: For each tag how many values there are, and the value, or where
        they are. Empty where it begins like none.

    Raises:
        struct.error: It is cut.
    """
    order = {b'II': '<', b'MM': '>'}.get(tiff[:2])
    if order is None:
        return {}
    start, = struct.unpack_from(f'{order}I', tiff, 4)
    count, = struct.unpack_from(f'{order}H', tiff, start)
    tags = {}
    for place in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, values, value = struct.unpack_from(
            f'{order}HHII', tiff, place)
        if kind == _SHORT:
            value, = struct.unpack_from(f'{order}H', tiff, place + 8)
        tags[tag] = values, value
    return tags
