"""What FFmpeg passes over in an FLV file.

Behind every tag stands how long it is, so that a file can be read backwards.
Where something else stands there, bytes are missing or are other ones.
"""

import os
from collections.abc import Iterator
from pathlib import Path

_HEAD, _LENGTH = 11, 4  # bytes of a tag's head, and of its length behind it
_KINDS = (8, 9, 18)  # sound, pictures, data


def lost_places(path: Path) -> Iterator[tuple[int, str]]:
    """Find where tags do not follow each other; the first place alone.

    Args:
        path: An FLV file.

    Yields:
        tuple[int, str]: At which byte, and what is wrong.
    """
    with path.open('rb') as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(5)
        place = int.from_bytes(file.read(4), 'big') + _LENGTH
        while place + _HEAD < size:
            file.seek(place)
            head = file.read(_HEAD)
            length = _HEAD + int.from_bytes(head[1:4], 'big')
            file.seek(place + length)
            said = file.read(_LENGTH)
            # some writers say nothing, or nothing behind the last tag
            is_another = (len(said) == _LENGTH and said != bytes(_LENGTH)
                          and int.from_bytes(said, 'big') != length)
            if (head[0] & 0x1F not in _KINDS or is_another
                    or place + length > size):
                yield place, f'its structure is damaged at byte {place}'
                return
            place += length + _LENGTH
