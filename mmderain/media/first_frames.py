"""Frames before the first one that can be decoded.

A recording of a broadcast begins anywhere. What comes before its first key
frame, or needs what came before that, comes out of no decoder.
"""

from pathlib import Path

import av

from mmderain.media.packets import packets_of
from mmderain.media.video_index import stores_frames
from mmderain.media.video_info import readable_video, video_stream


def count_undecodable(path: Path) -> int:
    """Count them; decodes up to the first frame.

    Args:
        path: A video.

    Returns:
        int: How many; 0 also where packets do not tell the frames.
    """
    stored: list[int] = []
    with readable_video(path) as container:
        stream = video_stream(container)
        if not stores_frames(container, stream):
            return 0
        stream.codec_context.options = {'err_detect': 'explode'}
        for packet in packets_of(container, stream):
            if packet.size and packet.pts is not None and (
                    not packet.is_discard):
                stored.append(packet.pts)
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                continue  # which is an error later, with its place
            if frames:
                return sum(pts < frames[0].pts for pts in stored)
    return 0
