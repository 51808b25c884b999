"""When decoded frames are shown, also where a file only says their order."""

from heapq import heappop, heappush
from pathlib import Path

import av

from mmderain.media.packets import packets_of
from mmderain.media.video_info import (
    frame_rate,
    readable_video,
    stores_times,
    video_stream,
)

# where recordings can be joined end to end, each with a clock of its own
_JOINABLE = frozenset({'mpegts', 'mpeg', 'flv'})
_BACK = 0.5  # seconds; less is a recorder's unrest


def clock_restart(path: Path) -> int | None:
    """Where the clock of a video begins anew.

    Sound and pictures then have the same times twice, which no file can hold.

    Args:
        path: The video; nothing of it is decoded.

    Returns:
        int | None: How many frames come before; None where it runs on.
    """
    with readable_video(path) as container:
        if container.format.name not in _JOINABLE:
            return None
        last, count = None, 0
        for packet in packets_of(container, video_stream(container)):
            if packet.dts is None or not packet.size:
                continue
            time = float(packet.dts * packet.time_base)
            if last is not None and time < last - _BACK:
                return count
            last, count = time, count + 1
    return None


def count_steps_back(path: Path) -> int:
    """How often the next frame of a video is said to be shown earlier.

    Args:
        path: The video; nothing of it is decoded.

    Returns:
        int: Where frames are not stored in the order in which they are shown,
            only key frames are compared with what comes before them.
    """
    steps, latest = 0, None
    with readable_video(path) as container:
        if not stores_times(container):
            return 0
        stream = video_stream(container)
        is_ordered = not stream.codec_context.has_b_frames
        for packet in packets_of(container, stream):
            if packet.pts is None or not packet.size or packet.is_discard:
                continue
            if latest is not None and packet.pts < latest:
                steps += is_ordered or packet.is_keyframe
                if not is_ordered:
                    continue
            latest = packet.pts
    return steps


class FrameTimes:
    """Time stamps of frames as they come out of a decoder.

    AVI stores at what rate packets come, and not when a frame is shown. Where
    the two orders differ (B-frames), what FFmpeg says of a frame is late and
    uneven. The first frame that is shown is shown when the first packet comes,
    and so on.

    Args:
        container: From which the packets are.
    """

    def __init__(self, container: av.container.InputContainer) -> None:
        self._by_order = not stores_times(container)
        stream = video_stream(container)
        rate = frame_rate(stream)
        self._step = 1 / rate / (stream.time_base or 1 / rate)
        self._waiting: list[int] = []  # a heap
        self._count = 0

    def expect(self, packet: av.Packet) -> None:
        """A packet goes into the decoder."""
        if self._by_order and packet.size and packet.dts is not None:
            heappush(self._waiting, packet.dts)

    def forget(self, packet: av.Packet) -> None:
        """The packet's frame will not come."""
        if packet.dts in self._waiting:
            self._waiting.remove(packet.dts)
            self._waiting.sort()  # a sorted list is a heap

    def of(self, frame: av.VideoFrame) -> int:
        """When a frame is shown; they come in the order of their times."""
        self._count += 1
        pts = frame.pts
        if self._by_order and self._waiting:
            pts = heappop(self._waiting)
        if pts is None:
            pts = round((self._count - 1) * self._step)
        return pts
