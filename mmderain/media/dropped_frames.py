"""Frames that are stored, and do not come out of the decoder."""

from collections.abc import Callable

import av

Bad = Callable[..., None]


class DueFrames:
    """Notices frames that a decoder silently drops.

    Args:
        bad: Told of them.
        is_on: Whether packets tell which frames are due; else nothing is
            noticed.
    """

    def __init__(self, bad: Bad, is_on: bool) -> None:
        self._bad = bad
        self._is_on = is_on
        # time stamp -> seconds, of packets whose frames have not come
        self._due: dict[int, float] = {}
        self._started = False
        self._last: int | None = None  # time of decoding

    def expect(self, packet: av.Packet) -> None:
        """A packet goes into the decoder."""
        if not packet.size or packet.is_discard:
            return
        # where recordings were joined, time begins anew
        begins_anew = (packet.dts is not None and self._last is not None
                       and packet.dts < self._last)
        self._last = packet.dts
        if packet.pts is None or begins_anew:
            self._is_on = False
        else:
            self._due[packet.pts] = float(packet.pts * packet.time_base)

    def forget(self, packet: av.Packet) -> None:
        """It is known already that the packet's frame does not come."""
        self._due.pop(packet.pts, None)

    def came(self, frame: av.VideoFrame) -> None:
        """A frame came out; they come in the order of their times."""
        # two fields may be two packets
        if frame.interlaced_frame or frame.pts is None:
            self._is_on = False
        if not self._is_on:
            self._due.clear()
            return
        passed = [pts for pts in self._due if pts <= frame.pts]
        missing = [self._due.pop(pts) for pts in passed]
        if frame.pts in passed:
            missing.remove(float(frame.pts * frame.time_base))
        # what is shown before the first key frame cannot be decoded
        if missing and self._started:
            self._tell(missing)
        self._started = True

    def close(self) -> None:
        """Nothing more will come."""
        if self._due and self._is_on:
            self._tell(list(self._due.values()))

    def _tell(self, missing: list[float]) -> None:
        self._bad(f'{len(missing)} frame(s) at {min(missing):.3f} to '
                  f'{max(missing):.3f} s are stored, but are not decoded, as '
                  'what they need is damaged or missing.')
