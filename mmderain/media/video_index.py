"""Which frame is where in a clip, found without decoding it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from mmderain.errors import DataError
from mmderain.media.packets import packets_of
from mmderain.media.video_info import (
    counted_frames,
    readable_video,
    video_stream,
)

# Codecs of which every packet holds one frame that is shown. (VP8 has hidden
# frames in packets of their own, and packed MPEG-4 two frames in one.)
_CODECS = frozenset({
    'av1', 'dnxhd', 'ffv1', 'h264', 'hevc', 'huffyv', 'mjpeg', 'mpeg2video',
    'png', 'prores', 'rawvideo', 'vp9'})
# Containers that store when a frame is shown. (For AVI it is guessed.)
_CONTAINERS = frozenset({'flv', 'matroska', 'mp4', 'mpeg', 'mpegts'})


@dataclass(frozen=True)
class FrameIndex:
    """The frames of a clip in the order in which they are shown.

    Args:
        pts: Time stamp of each frame, (n,), ascending.
        keys: Numbers of the frames at which decoding can begin, ascending.
        packets: How many packets are stored before each of ``keys``.
    """

    pts: np.ndarray
    keys: np.ndarray
    packets: np.ndarray

    @classmethod
    def of_images(cls, count: int) -> 'FrameIndex':
        """Of a folder: each image stands for itself."""
        numbers = np.arange(count)
        return cls(numbers, numbers, numbers)

    def __len__(self) -> int:
        return len(self.pts)

    def number(self, pts: int | None) -> int | None:
        """Number of the frame with a time stamp; None where none has it."""
        place = len(self) if pts is None else int(
            np.searchsorted(self.pts, pts))
        return (place if place < len(self) and self.pts[place] == pts
                else None)


def read_index(path: Path) -> FrameIndex | None:
    """Read the packets of a video, without decoding.

    Returns:
        The index; None where packets do not tell the frames for certain: a
        codec whose packets are not frames, time stamps that are not stored or
        jump back, a file that is damaged or ends too early.
    """
    packets = []
    try:
        with readable_video(path) as container:
            stream = video_stream(container)
            if not stores_frames(container, stream):
                return None
            for packet in packets_of(container, stream):
                if packet.is_corrupt or (packet.size and packet.pts is None):
                    return None
                if packet.size:
                    packets.append((packet.pts, packet.is_keyframe,
                                    packet.is_discard))
            said = counted_frames(container, stream)
    except DataError:
        return None
    if said is not None and len(packets) < said:
        return None
    return _index(packets)


def stores_frames(container: av.container.InputContainer,
                  stream: av.VideoStream) -> bool:
    """Whether each packet is a frame that is shown when it says."""
    return (stream.codec_context.name in _CODECS
            and not _CONTAINERS.isdisjoint(container.format.name.split(',')))


def count_packets(path: Path) -> int:
    """How many packets a video has, as far as it can be read."""
    count = 0
    with suppress(DataError), readable_video(path) as container:
        for packet in packets_of(container, video_stream(container)):
            count += bool(packet.size)
    return count


def _index(packets: Sequence[tuple[int, bool, bool]]) -> FrameIndex | None:
    """From time stamp, key and discard of each packet as it is stored."""
    if not packets:
        return None
    pts, is_key, is_discarded = map(np.array, zip(*packets, strict=True))
    places = np.flatnonzero(is_key)
    shown = np.sort(pts[~is_discarded])
    latest = np.maximum.accumulate(pts)
    steady = (len(np.unique(pts)) == len(pts) and is_key[0]
              # what is shown before the first key frame is not decoded
              and len(shown) and pts[0] <= shown[0]
              # from a key frame on, all is later than what was before it
              and (pts[places[1:]] > latest[places[1:] - 1]).all())
    if not steady:
        return None
    # an edit list may cut away a key frame itself
    places = places[~is_discarded[places]]
    return FrameIndex(shown, np.searchsorted(shown, pts[places]), places)
