"""Decoding by hardware, where it gives the frames that a CPU gives.

So it changes nothing but the speed. Whether a device is there, takes the video
and is exact is tried with the first frames.
"""

from dataclasses import replace
from itertools import islice

import numpy as np

from mmderain.errors import DataError
from mmderain.media.frame_source import FrameSource, VideoSource
from mmderain.media.hardware import Hardware
from mmderain.media.video_info import TimedFrame

_FRAMES = 10


def with_hardware(source: FrameSource, hardware: Hardware
                  ) -> tuple[FrameSource, str | None]:
    """Let hardware decode a video, if it does that as a CPU does.

    Args:
        source: A video; images stay as they are.
        hardware: What is asked for.

    Returns:
        What to read, and what a user should know of it.
    """
    if not isinstance(source, VideoSource):
        return source, None
    chosen = replace(source, hardware=hardware)
    expected = _first_frames(source, _FRAMES)
    try:
        found = _first_frames(chosen, _FRAMES)
    except DataError as error:
        reason = getattr(error.__cause__, 'strerror', None) or (
            error.__cause__ or error)
        return source, (f'--hwaccel {hardware} does not decode it here '
                        f'({reason}): the CPU does')
    problem = _difference(expected, found)
    if problem is not None:
        return source, (f'--hwaccel {hardware} decodes it {problem}, unlike '
                        'the CPU: the CPU decodes')
    return chosen, (f'--hwaccel {hardware} decodes, with the frames of the '
                    'CPU')


def _first_frames(source: VideoSource, count: int) -> list[TimedFrame]:
    return list(islice(source.read(), count))


def _difference(expected: list[TimedFrame], found: list[TimedFrame]
                ) -> str | None:
    """How frames differ; None where they do not."""
    if len(expected) != len(found) or any(
            one.image.shape != other.image.shape
            for one, other in zip(expected, found, strict=True)):
        return 'to other frames'
    if [frame.pts for frame in expected] != [frame.pts for frame in found]:
        return 'at other times'
    most = max(int(np.abs(one.image.astype(int) - other.image).max())
               for one, other in zip(expected, found, strict=True))
    return f'to colours that differ by up to {most} of 255' if most else None
