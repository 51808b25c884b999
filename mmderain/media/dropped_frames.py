"""Frames that are stored, and do not come out of the decoder."""

from collections.abc import Callable

import av

Bad = Callable[..., None]
# frames by which one whose time stamp is wrong may come later than that says,
# where the decoder puts frames into another order
_LATE = 4


class DueFrames:
    """Notices frames that a decoder silently drops.

    Args:
        bad: Told of them.
        is_on: Whether packets tell which frames are due; else nothing is
            noticed.
        reorders: Whether frames may come in another order than their packets.
    """

    def __init__(self, bad: Bad, is_on: bool, reorders: bool) -> None:
        self._bad = bad
        self._is_on = is_on
        self._patience = _LATE if reorders else 0
        # time stamp -> seconds, of packets whose frames have not come
        self._due: dict[int, float] = {}
        # of those whose time has passed: how many frames have come since
        self._passed: dict[int, int] = {}
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
        self._settle(packet.pts)

    def came(self, frame: av.VideoFrame) -> None:
        """A frame came out; most come in the order of their times."""
        # two fields may be two packets
        if frame.interlaced_frame or frame.pts is None:
            self._is_on = False
        if not self._is_on:
            self._due.clear()
            return
        self._settle(frame.pts)
        for pts in [pts for pts in self._due if pts < frame.pts]:
            # what is shown before the first key frame cannot be decoded
            if not self._started:
                self._settle(pts)
                continue
            self._passed[pts] = self._passed.get(pts, 0) + 1
        self._started = True
        if max(self._passed.values(), default=0) > self._patience:
            missing = [self._due[pts] for pts in self._passed]
            for pts in [*self._passed]:
                self._settle(pts)
            self._tell(missing)

    def _settle(self, pts: int | None) -> None:
        self._due.pop(pts, None)
        self._passed.pop(pts, None)

    def close(self) -> None:
        """Nothing more will come."""
        if self._due and self._is_on:
            self._tell(list(self._due.values()))

    def _tell(self, missing: list[float]) -> None:
        self._bad(f'{len(missing)} frame(s) at {min(missing):.3f} to '
                  f'{max(missing):.3f} s are stored, but are not decoded, as '
                  'what they need is damaged or missing.')
