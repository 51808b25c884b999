"""What an MPEG transport stream says is lost, by its counters.

Each packet carries the number of its stream and a counter (ISO/IEC 13818-1,
2.4.3.3). FFmpeg passes on what comes after a loss, and not always says so.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

_SYNC = 0x47
_LENGTHS = (188, 192, 204)  # plain, with time codes, with error correction
_TABLE, _NULL = 0, 0x1FFF
_ERROR = 0x80  # what a receiver sets where it could not correct a packet
_TABLES = 4  # that may come in any order where a recording begins
_CHUNK = 1 << 16  # packets
_PROBE = 8


def lost_places(path: Path) -> Iterator[tuple[int, str]]:
    """Find where packets are lost.

    Recordings that were joined end to end count anew at the joint: there the
    table of programs comes, and each stream begins a new frame. That is no
    loss.

    Args:
        path: A transport stream; other files have no such places.

    Yields:
        tuple[int, str]: The byte before which something is lost, and what is
        wrong.
    """
    layout = _layout(path)
    if layout is None:
        return
    offset, length = layout
    counters: dict[int, int] = {}
    with path.open('rb') as file:
        place = 0
        while data := file.read(_CHUNK * length):
            whole = len(data) // length
            packets = np.frombuffer(data, np.uint8, whole * length).reshape(
                whole, length)[:, offset:offset + 188]
            for index, reason in _losses(packets, counters):
                yield place + index * length, reason
            if len(data) % length:
                yield place + whole * length, 'it ends within a packet'
            place += len(data)


def _layout(path: Path) -> tuple[int, int] | None:
    """Where in a packet its first byte is, and how long packets are."""
    with path.open('rb') as file:
        head = file.read(_PROBE * max(_LENGTHS))
    for length in _LENGTHS:
        offset = 4 if length == 192 else 0
        starts = head[offset::length][:_PROBE]
        if starts and all(byte == _SYNC for byte in starts):
            return offset, length
    return None


def _losses(packets: np.ndarray, counters: dict[int, int]
            ) -> list[tuple[int, str]]:
    """From packets (n, 188), and the counters so far, to what is lost."""
    in_step = packets[:, 0] == _SYNC
    found = [(int(index), 'there is no packet where one should be')
             for index in _starts(np.flatnonzero(~in_step))]
    head = packets[:, 1:6].astype(np.int32)
    found += [(int(index), 'packets were received with errors')
              for index in _starts(np.flatnonzero(
                  in_step & (head[:, 0] & _ERROR != 0)))]
    pids = np.where(in_step, (head[:, 0] & 0x1F) << 8 | head[:, 1], _NULL)
    begins_unit = head[:, 0] & 0x40 != 0
    tables = np.flatnonzero(pids == _TABLE)
    new_tables = [place for _, place, _ in _jumps(
        head, np.flatnonzero(pids == _TABLE), _TABLE, counters)]
    for pid in np.unique(pids):
        if pid in (_TABLE, _NULL):
            continue
        for since, place, value in _jumps(
                head, np.flatnonzero(pids == pid), int(pid), counters):
            # most recordings count from 0 on
            starts = tables if value == 0 else new_tables
            if not (begins_unit[place] and any(
                    since < start <= place + _TABLES for start in starts)):
                found.append((place, 'packets are lost'))
    return sorted(found)


def _jumps(head: np.ndarray, places: np.ndarray, pid: int,
           counters: dict[int, int]) -> list[tuple[int, int, int]]:
    """Where a stream's counter jumps.

    Args:
        head: Bytes 1 to 5 of all packets.
        places: Of the stream's packets.
        pid: Its number.
        counters: The last counter of each stream; brought up to date.

    Returns:
        list: The packet before the jump (-1 if it was read earlier), the one
        after it, and its counter.
    """
    # what carries nothing is not counted
    places = places[head[places, 2] & 0x10 != 0]
    if not len(places):
        return []
    head = head[places]
    values = head[:, 2] & 0x0F
    before = np.concatenate([[counters.get(pid, values[0] - 1)], values[:-1]])
    counters[pid] = int(values[-1])
    # said by the stream itself: the counter begins anew
    is_said = ((head[:, 2] & 0x20 != 0) & (head[:, 3] > 0)
               & (head[:, 4] & 0x80 != 0))
    # the same once more is a packet that was sent twice
    is_jump = ((values - before) % 16 > 1) & ~is_said
    return [(int(places[index - 1]) if index else -1, int(places[index]),
             int(values[index])) for index in np.flatnonzero(is_jump)]


def _starts(places: np.ndarray) -> np.ndarray:
    """The first of each run of neighbouring places."""
    return places[np.diff(places, prepend=-2) > 1]
