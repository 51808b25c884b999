"""Packets of a video as they come, also where some of it is damaged."""

from collections.abc import Iterator, Sequence

import av
from av.stream import Stream

_MOST_TRIES = 100  # without a packet in between


def packets_of(container: av.container.InputContainer,
               streams: Stream | Sequence[Stream] | None = None
               ) -> Iterator[av.Packet]:
    """All packets, and at the end an empty one for each decoder.

    Where a transport stream is damaged FFmpeg may say that it has to be asked
    once more, in the same words as of a system that has no memory.

    Args:
        container: Open, at the place to begin with.
        streams: Of which; all when None.
    """
    wanted = () if streams is None else (streams, )
    tries = 0
    while True:
        try:
            for packet in container.demux(*wanted):
                tries = 0
                yield packet
            return
        except av.error.BlockingIOError:
            tries += 1
            if tries == _MOST_TRIES:
                raise


def last_packet(stream: Stream) -> av.Packet:
    """What makes a decoder hand out all that it holds.

    It comes at the end of what can be read; not where that is an error.
    """
    packet = av.Packet()
    packet.stream = stream
    return packet
