"""What an upload is, before any work on it; in the process of its job."""

from pathlib import Path

import cv2

from mmderain.errors import DataError
from mmderain.media.frame_source import open_source
from mmderain.media.images import is_image
from mmderain.media.video_info import readable_video, video_stream
from mmderain.serve.limits import Limits


def look(path: Path, limits: Limits) -> None:
    """Refuse what is no video or picture, or is larger than allowed.

    Raises:
        DataError: It is.
    """
    if not is_image(path):
        # as the file says, before a frame of that size is decoded
        with readable_video(path) as container:
            stream = video_stream(container)
            limits.check_frame(stream.width, stream.height)
    try:
        source = open_source(path)
    except DataError as error:
        # OpenCV refuses before it decodes (OPENCV_IO_MAX_IMAGE_PIXELS)
        if isinstance(error.__cause__, cv2.error):
            raise limits.too_large_to_look() from error
        raise
    height, width = source.info.upright_size
    limits.check_frame(width, height)
    if source.is_video:
        frames = source.num_frames or source.count_packets()
        limits.check_seconds(float(frames / source.info.rate))
