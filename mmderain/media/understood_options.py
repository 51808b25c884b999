"""Whether an encoder understands what it is told in its own language.

What is within ``x264-params`` and the like is no option of FFmpeg: an encoder
that does not know it says so in the log, and goes on without it.
"""

import io
import re
from contextlib import suppress

import av

from mmderain.errors import UserError
from mmderain.media.encoding import Encoding
from mmderain.media.video_encoder import FrameEncoder
from mmderain.media.video_info import VideoInfo

# as x264, x265, SVT-AV1, libaom and rav1e say it
_COMPLAINTS = re.compile(
    r"(?:(?:Error parsing|Unknown|bad|Invalid) option:? '?"
    r"|(?:Invalid|bad) value for:? '?)([\w-]+)", re.IGNORECASE)


class OptionError(UserError):
    """An encoder does not know what it is told."""


def check_understood(info: VideoInfo, encoding: Encoding) -> None:
    """Open an encoder, and read what it says of its options.

    Args:
        info: Size, time base, colours of the frames.
        encoding: With options that somebody has named.

    Raises:
        OptionError: It would pass over one.
    """
    level = av.logging.get_level()
    av.logging.set_level(av.logging.WARNING)
    try:
        with av.logging.Capture(local=False) as said:
            _open(info, encoding)
    finally:
        av.logging.set_level(level)
    for _, encoder, text in said:
        complaint = _COMPLAINTS.search(text)
        if complaint is None:
            continue
        name, key = complaint[1], complaint[1].replace('_', '-')
        option, value = next(
            ((option, value) for option, value in encoding.named_options
             if key in value.replace('_', '-')), encoding.named_options[0])
        raise OptionError(
            f'--encoder-option {option}={value}: {encoder} knows no {name}, '
            f'or not this value of it ("{text.strip()}"), and would go on '
            'without it. Fix it, or leave it out.')


def _open(info: VideoInfo, encoding: Encoding) -> None:
    with suppress(av.error.FFmpegError, ValueError), av.open(
            io.BytesIO(), 'w', format='matroska') as container:
        encoder = FrameEncoder(
            container, info, encoding.encoder(info).name,
            encoding.pixel_format(info), encoding.options(info))
        # what else is wrong is found where it is tried
        with encoder.scheduling():
            container.start_encoding()
