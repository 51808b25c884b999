"""What a Matroska or WebM file says of itself and does not hold.

FFmpeg silently passes over what is missing or damaged in such a file:
its end, clusters, blocks. The file itself tells: elements say how long they
are, and clusters carry checksums (RFC 8794 and 9559; FFmpeg writes them).
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mmderain.media.ebml import (
    CLUSTER,
    CRC,
    DURATION,
    EBML,
    IN_CLUSTER,
    IN_SEGMENT,
    INFO,
    SCALE,
    SEGMENT,
    TIME,
    VOID,
    BrokenElement,
    Element,
    read_element,
)

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Gap:
    """A stretch of a file that cannot be relied on.

    Args:
        begin: In seconds of the file's clock; None for what follows its last
            frame.
        end: The same; None where nobody knows.
        reason: What is wrong.
    """

    begin: float | None
    end: float | None
    reason: str


def matroska_gaps(path: Path) -> Iterator[Gap]:
    """Find what is missing or damaged.

    Args:
        path: A file; one of another kind has no gaps.

    Yields:
        Gap: In the file's order.
    """
    with path.open('rb') as file:
        try:
            head = read_element(file, 0)
            if head.kind == EBML and head.end is not None:
                segment = read_element(file, head.end)
                if segment.kind == SEGMENT:
                    yield from _Segment(file, segment).gaps()
        except BrokenElement:
            return


class _Segment:
    """The part of a file that holds everything."""

    def __init__(self, file: BinaryIO, segment: Element) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self._element = segment
        self._scale = 1_000_000  # nanoseconds, unless something is said
        self._duration: float | None = None
        self._seen = 0.0  # seconds, of the last cluster

    def gaps(self) -> Iterator[Gap]:
        end = self._element.end
        place = self._element.content
        stop = self._size if end is None else min(self._size, end)
        while place < stop:
            reason = None
            try:
                item = read_element(self._file, place)
                if item.kind not in IN_SEGMENT:
                    raise BrokenElement
                if item.end is not None and item.end > self._size:
                    break  # the end of the file is what is missing
                place, reason = self._look_into(item)
            except BrokenElement:
                reason = f'its structure is damaged at byte {place}'
                place += 1
            if reason is not None:
                begin = self._seen
                place = self._find_cluster(place)
                yield Gap(begin, self._time_of(place), reason)
        if end is not None and self._size < end:
            yield Gap(None, self._duration,
                      f'its length should be {end} bytes and is {self._size}')
        elif end is None and place < self._size:
            yield Gap(None, self._duration,
                      f'it ends within what begins at byte {place}')

    def _look_into(self, item: Element) -> tuple[int, str | None]:
        """Where the next element is, and what is wrong with this one."""
        if item.kind == INFO and item.end is not None:
            self._read_info(item)
        if item.kind != CLUSTER:
            if item.end is None:
                raise BrokenElement
            return item.end, None
        first = read_element(self._file, item.content)
        if first.kind == CRC and item.end is not None:
            self._file.seek(first.content)
            said = int.from_bytes(self._file.read(4), 'little')
            damaged = said != self._checksum(first.end, item.end)
        else:
            damaged = False
        try:
            end = self._walk(item)
        except BrokenElement:
            damaged, end = True, item.end or item.content
        return end, (f'the cluster at byte {item.start} is damaged'
                     if damaged else None)

    def _walk(self, cluster: Element) -> int:
        """Look at the elements of a cluster; where it ends."""
        place = cluster.content
        stop = self._size if cluster.end is None else cluster.end
        while place < stop:
            item = read_element(self._file, place)
            if cluster.end is None and item.kind in IN_SEGMENT - {
                    CRC, VOID}:
                return place
            if (item.kind not in IN_CLUSTER or item.end is None
                    or item.end > stop):
                raise BrokenElement
            if item.kind == TIME:
                self._seen = self._seconds(self._number(item))
            place = item.end
        return place

    def _checksum(self, begin: int, end: int) -> int:
        self._file.seek(begin)
        found, left = 0, end - begin
        while left > 0 and (chunk := self._file.read(min(left, _CHUNK))):
            found = zlib.crc32(chunk, found)
            left -= len(chunk)
        return found

    def _read_info(self, info: Element) -> None:
        place, duration = info.content, None
        while place < info.end:
            item = read_element(self._file, place)
            if item.end is None or item.end > info.end:
                raise BrokenElement
            if item.kind == SCALE:
                self._scale = self._number(item)
            elif item.kind == DURATION:
                self._file.seek(item.content)
                content = self._file.read(item.end - item.content)
                if len(content) in (4, 8):
                    duration, = struct.unpack(
                        '>f' if len(content) == 4 else '>d', content)
            place = item.end
        if duration is not None:
            self._duration = self._seconds(duration)

    def _number(self, item: Element) -> int:
        self._file.seek(item.content)
        return int.from_bytes(self._file.read(
            min(8, item.end - item.content)), 'big')

    def _seconds(self, ticks: float) -> float:
        return ticks * self._scale / 1e9

    def _find_cluster(self, place: int) -> int:
        """Where the next cluster is; the file's end if there is none."""
        wanted = CLUSTER.to_bytes(4, 'big')
        before = b''
        self._file.seek(place)
        while chunk := self._file.read(_CHUNK):
            found = (before + chunk).find(wanted)
            if found >= 0:
                return place - len(before) + found
            place += len(chunk)
            before = chunk[-3:]
        return self._size

    def _time_of(self, place: int) -> float | None:
        """When a cluster begins; the duration where there is none."""
        if place >= self._size:
            return self._duration
        try:
            item = read_element(self._file, place)
            inner = read_element(self._file, item.content)
            if inner.kind == CRC:
                inner = read_element(self._file, inner.end)
            return self._seconds(self._number(inner))
        except BrokenElement:
            return None
