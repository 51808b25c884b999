"""When decoded frames are shown, also where a file only says their order."""

from heapq import heappop, heappush

import av

from mmderain.media.video_info import VideoInfo, stores_times


class FrameTimes:
    """Time stamps of frames as they come out of a decoder.

    AVI stores at what rate packets come, and not when a frame is shown. Where
    the two orders differ (B-frames), what FFmpeg says of a frame is late and
    uneven. The first frame that is shown is shown when the first packet comes,
    and so on.

    Args:
        container: From which the packets are.
        info: What is known of the video.
    """

    def __init__(self, container: av.container.InputContainer,
                 info: VideoInfo) -> None:
        self._by_order = not stores_times(container)
        self._info = info
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
            info = self._info
            pts = round((self._count - 1) / info.rate / info.time_base)
        return pts
