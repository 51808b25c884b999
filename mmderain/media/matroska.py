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
from typing import BinaryIO, NamedTuple

_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067
_INFO, _CLUSTER = 0x1549A966, 0x1F43B675
_CRC, _VOID = 0xBF, 0xEC
_SCALE, _DURATION, _TIME = 0x2AD7B1, 0x4489, 0xE7
# beside them SeekHead, Tracks, Cues, Attachments, Chapters and Tags
_IN_SEGMENT = frozenset({
    _INFO, _CLUSTER, _CRC, _VOID, 0x114D9B74, 0x1654AE6B, 0x1C53BB6B,
    0x1941A469, 0x1043A770, 0x1254C367})
# SimpleBlock, BlockGroup, Position, PrevSize, SilentTracks, EncryptedBlock
_IN_CLUSTER = frozenset({
    _TIME, _CRC, _VOID, 0xA3, 0xA0, 0xA7, 0xAB, 0x5854, 0xAF})
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


class _Element(NamedTuple):
    """An element's start, kind, and content; ``end`` is None if not said."""

    start: int
    kind: int
    content: int
    end: int | None


class _Broken(Exception):
    """There is no element where one should be."""


def matroska_gaps(path: Path) -> Iterator[Gap]:
    """Find what is missing or damaged.

    Args:
        path: A file; one of another kind has no gaps.

    Yields:
        Gap: In the file's order.
    """
    with path.open('rb') as file:
        try:
            head = _element(file, 0)
            if head.kind == _EBML and head.end is not None:
                segment = _element(file, head.end)
                if segment.kind == _SEGMENT:
                    yield from _Segment(file, segment).gaps()
        except _Broken:
            return


class _Segment:
    """The part of a file that holds everything."""

    def __init__(self, file: BinaryIO, segment: _Element) -> None:
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
                item = _element(self._file, place)
                if item.kind not in _IN_SEGMENT:
                    raise _Broken
                if item.end is not None and item.end > self._size:
                    break  # the end of the file is what is missing
                place, reason = self._look_into(item)
            except _Broken:
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

    def _look_into(self, item: _Element) -> tuple[int, str | None]:
        """Where the next element is, and what is wrong with this one."""
        if item.kind == _INFO and item.end is not None:
            self._read_info(item)
        if item.kind != _CLUSTER:
            if item.end is None:
                raise _Broken
            return item.end, None
        first = _element(self._file, item.content)
        if first.kind == _CRC and item.end is not None:
            self._file.seek(first.content)
            said = int.from_bytes(self._file.read(4), 'little')
            damaged = said != self._checksum(first.end, item.end)
        else:
            damaged = False
        try:
            end = self._walk(item)
        except _Broken:
            damaged, end = True, item.end or item.content
        return end, (f'the cluster at byte {item.start} is damaged'
                     if damaged else None)

    def _walk(self, cluster: _Element) -> int:
        """Look at the elements of a cluster; where it ends."""
        place = cluster.content
        stop = self._size if cluster.end is None else cluster.end
        while place < stop:
            item = _element(self._file, place)
            if cluster.end is None and item.kind in _IN_SEGMENT - {
                    _CRC, _VOID}:
                return place
            if (item.kind not in _IN_CLUSTER or item.end is None
                    or item.end > stop):
                raise _Broken
            if item.kind == _TIME:
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

    def _read_info(self, info: _Element) -> None:
        place, duration = info.content, None
        while place < info.end:
            item = _element(self._file, place)
            if item.end is None or item.end > info.end:
                raise _Broken
            if item.kind == _SCALE:
                self._scale = self._number(item)
            elif item.kind == _DURATION:
                self._file.seek(item.content)
                content = self._file.read(item.end - item.content)
                if len(content) in (4, 8):
                    duration, = struct.unpack(
                        '>f' if len(content) == 4 else '>d', content)
            place = item.end
        if duration is not None:
            self._duration = self._seconds(duration)

    def _number(self, item: _Element) -> int:
        self._file.seek(item.content)
        return int.from_bytes(self._file.read(
            min(8, item.end - item.content)), 'big')

    def _seconds(self, ticks: float) -> float:
        return ticks * self._scale / 1e9

    def _find_cluster(self, place: int) -> int:
        """Where the next cluster is; the file's end if there is none."""
        wanted = _CLUSTER.to_bytes(4, 'big')
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
            item = _element(self._file, place)
            inner = _element(self._file, item.content)
            if inner.kind == _CRC:
                inner = _element(self._file, inner.end)
            return self._seconds(self._number(inner))
        except _Broken:
            return None


def _element(file: BinaryIO, place: int) -> _Element:
    """Read what stands at a place.

    Raises:
        _Broken: It is the head of no element.
    """
    file.seek(place)
    head = file.read(12)
    kind_length = 9 - head[0].bit_length() if head else 9
    if kind_length > 4 or len(head) <= kind_length:
        raise _Broken
    first = head[kind_length]
    length = 9 - first.bit_length()
    content = kind_length + length
    if length > 8 or len(head) < content:
        raise _Broken
    said = int.from_bytes(head[kind_length:content], 'big')
    said &= (1 << 7 * length) - 1
    is_unknown = said == (1 << 7 * length) - 1
    return _Element(place, int.from_bytes(head[:kind_length], 'big'),
                    place + content,
                    None if is_unknown else place + content + said)
