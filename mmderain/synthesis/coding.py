"""What a video codec does to a clip."""

from io import BytesIO

import av
import numpy as np

from mmderain.media.encoder_options import x264_options

_RATE = 25  # frames a second; a codec spends its bits by it


def through_h264(frames: np.ndarray, crf: int) -> np.ndarray:
    """A clip as it comes out of an H.264 file.

    Args:
        frames: (t, h, w, 3) uint8 RGB; height and width are even.
        crf: Rate factor of x264; larger is worse.

    Returns:
        (t, h, w, 3) uint8.
    """
    file = BytesIO()
    with av.open(file, 'w', format='matroska') as container:
        height, width = frames.shape[1:3]
        stream = container.add_stream('libx264', rate=_RATE, options=dict(
            crf=str(crf), preset='veryfast', **x264_options(width)))
        stream.height, stream.width = height, width
        stream.pix_fmt = 'yuv420p'
        # same clip, same file
        stream.codec_context.thread_count = 1
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(
                np.ascontiguousarray(frame), 'rgb24')))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file) as container:
        return np.stack([frame.to_ndarray(format='rgb24')
                         for frame in container.decode(video=0)])
