"""What an MP4 or MOV file says of itself and does not hold.

FFmpeg ends where the file does, and passes over what is no box (ISO/IEC
14496-12). The index names every sample and where it is; in files of fragments
each fragment has a number.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import av

_FRAGMENT = b'moof'
_MFHD = slice(12, 16)  # of a fragment's first bytes: type of its first box
_NUMBER = slice(20, 24)


def missing_samples(container: av.container.InputContainer,
                    size: int) -> Iterator[tuple[float, float]]:
    """Find samples of any stream that the index places beyond the end.

    Args:
        container: Of which all packets have been read.
        size: Of the file.

    Yields:
        tuple[float, float]: From when to when samples of a stream are
        missing, in seconds.
    """
    for stream in container.streams:
        times = [float(entry.timestamp * stream.time_base)
                 for entry in stream.index_entries
                 if entry.pos + entry.size > size]
        if times:
            yield min(times), max(times)


def broken_fragments(path: Path) -> Iterator[tuple[int, str]]:
    """Find where a file of fragments is damaged.

    Yields:
        tuple[int, str]: The byte, and what is wrong.
    """
    with path.open('rb') as file:
        size = os.fstat(file.fileno()).st_size
        place, number, in_fragments = 0, None, False
        while place + 8 <= size:
            file.seek(place)
            head = file.read(24)
            length = int.from_bytes(head[:4], 'big')
            if length == 1:
                length = int.from_bytes(head[8:16], 'big')
            if not head[4:8].isalnum() or length < 8:
                # others append what they like to a file without fragments
                if in_fragments and head[:8] != b'':
                    yield place, 'its structure is damaged'
                return
            if head[4:8] == _FRAGMENT and head[_MFHD] == b'mfhd':
                in_fragments = True
                found = int.from_bytes(head[_NUMBER], 'big')
                if number is not None and found > number + 1:
                    yield place, 'fragments are missing'
                number = found
            place += length
        if in_fragments and place != size:
            yield size, 'its last fragment is not complete'
