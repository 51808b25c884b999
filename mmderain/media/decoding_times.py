"""When packets are decoded, where a container does not say it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import av

# more than any codec's order of pictures is behind
_MOST_WAITING = 64


def with_decoding_times(packets: Iterable[av.Packet]) -> Iterator[av.Packet]:
    """Give the first packets of streams a time that FFmpeg does not know.

    Matroska says when a picture is shown alone. Where pictures are not stored
    in that order, FFmpeg finds out how far behind the order is from what comes
    next, and has no time for what came before.

    Args:
        packets: As they are read, of any streams.

    Yields:
        av.Packet: The same; those without a time together with the first of
        their stream that has one, where that comes soon.
    """
    waiting: dict[int, list[av.Packet]] = defaultdict(list)
    for packet in packets:
        index = packet.stream.index
        if packet.size and packet.dts is None:
            waiting[index].append(packet)
            if len(waiting[index]) == _MOST_WAITING:
                yield from _timed(waiting.pop(index), None)
            continue
        yield from _timed(waiting.pop(index, ()), packet.dts)
        yield packet
    for left in waiting.values():
        yield from _timed(left, None)


def _timed(packets: Iterable[av.Packet],
           following: int | None) -> list[av.Packet]:
    """Count back from what follows; no picture is shown before its time."""
    for packet in reversed(timed := list(packets)):
        known = [] if packet.pts is None else [packet.pts]
        if following is not None:
            known.append(following - max(packet.duration or 0, 1))
        if known:
            packet.dts = following = min(known)
    return timed
