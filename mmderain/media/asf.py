"""What a recording in ASF (.wmv, .asf) says of itself.

FFmpeg believes the header only where the file has the size that it says, and
passes over packets that are none.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADER = bytes.fromhex('3026b2758e66cf11a6d900aa0062ce6c')
_FILE_PROPERTIES = bytes.fromhex('a1dcab8c47a9cf118ee400c00c205365')
_IS_LIVE = 1  # flag: the header was written before anything was known
_LARGEST_HEADER = 1 << 20
_DATA_HEADER = 50
_HAS_CORRECTION = 0x80  # of a packet's first byte


@dataclass(frozen=True)
class AsfHeader:
    """What the header says.

    Args:
        duration: Seconds from 0 to the end of the last frame.
        packets: How many there are; all are of one size.
        packet_size: Bytes of each.
        begin: Byte at which they begin.
    """

    duration: float
    packets: int
    packet_size: int
    begin: int

    def lost_packets(self, path: Path) -> Iterator[tuple[int, str]]:
        """Where a packet should begin, and none does."""
        marks = []
        with path.open('rb') as file:
            for number in range(self.packets):
                file.seek(self.begin + number * self.packet_size)
                first = file.read(1)
                if not first:
                    break  # the end is told by the duration
                marks.append(bool(first[0] & _HAS_CORRECTION))
        # a few writers leave it out everywhere
        if 2 * sum(marks) > len(marks):
            yield from (
                (self.begin + number * self.packet_size,
                 'a packet of the stream is damaged')
                for number, is_marked in enumerate(marks) if not is_marked)


def read_header(path: Path) -> AsfHeader | None:
    """The header; None where it is damaged, or of a live recording."""
    with path.open('rb') as file:
        content = file.read(_LARGEST_HEADER)
    if content[:16] != _HEADER or len(content) < 30:
        return None
    header_size, = struct.unpack_from('<Q', content, 16)
    place = 30  # behind the header's own name, size and number of objects
    while place + 104 <= len(content):
        name, size = struct.unpack_from('<16sQ', content, place)
        if name == _FILE_PROPERTIES:
            # lengths in units of 100 ns, the player's buffer in ms
            packets, length, _, buffer, flags, smallest, largest = (
                struct.unpack_from('<QQQQIII', content, place + 56))
            duration = length / 1e7 - buffer / 1e3
            if flags & _IS_LIVE or duration <= 0 or smallest != largest:
                return None
            return AsfHeader(duration, packets, largest,
                             header_size + _DATA_HEADER)
        place += max(size, 24)
    return None
