"""A pipe that is read, and what is missing from it where it ends.

FFmpeg takes a last picture that is not whole for the end of a pipe, and passes
over what is damaged before it. What writes into it may have broken off; nobody
may take what came for all of it.
"""

import os
import select

import av

from mmderain.media.matroska_stream import MatroskaStream

_SPARE = 2  # pictures; durations are rounded, and the last may have none


class WatchedPipe:
    """What PyAV reads in the place of FFmpeg's own pipe.

    It has no ways to seek, by which PyAV knows that it cannot.

    Args:
        number: The file descriptor; it is not closed.
        name: Of it, in messages.
    """

    def __init__(self, number: int, name: str) -> None:
        self.name = name
        self._number = number
        self._matroska = MatroskaStream()
        self._came = self._used = 0  # bytes, and those in whole packets
        self._pictures, self._end = 0, 0.0  # seconds

    def read(self, size: int) -> bytes:
        """As many bytes as there are; none at the end."""
        # whoever made the pipe may have said that it does not wait
        select.select([self._number], [], [])
        content = os.read(self._number, size)
        self._came += len(content)
        self._matroska.feed(content)
        return content

    def saw(self, packet: av.Packet) -> None:
        """A packet has been read from it."""
        self._pictures += packet.stream.type == 'video' and packet.size > 0
        if packet.pos is not None:
            self._used = packet.pos + packet.size
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None:
            self._end = max(self._end, float(
                (stamp + (packet.duration or 0)) * packet.time_base))

    def missing(self, container: av.container.InputContainer) -> str | None:
        """What is wrong with what came, after its end.

        Args:
            container: That has been read from it.
        """
        kind = container.format.name
        if kind == 'yuv4mpegpipe' and self._used < self._came:
            return 'it ends within a picture: it is truncated'
        if reason := self._matroska.damage():
            return reason
        said = (container.duration or 0) / av.time_base
        # some count in much shorter steps than a picture lasts
        if self._end < said - _SPARE * self._end / max(1, self._pictures):
            return (f'it says it lasts {said:.2f} s but ends after '
                    f'{self._end:.2f} s: it is truncated')
        return None
