"""Whether a video that was written can be read again, all of it."""

from collections import Counter
from fractions import Fraction
from pathlib import Path

from mmderain.errors import DataError
from mmderain.media.containers import muxer_of
from mmderain.media.video_info import readable_video
from mmderain.unwritten import cannot_write

_GUESSED = 10  # seconds


def check_segment(path: Path, frames: int) -> None:
    """Decode a segment as it is on the disk.

    FFmpeg does not say that the last bytes of a file could not be written.

    Args:
        path: A video of one stream.
        frames: How many there should be.

    Raises:
        UserError: Not all of them are there.
    """
    found = 0
    try:
        with readable_video(path) as container:
            stream = container.streams.video[0]
            stream.codec_context.options = {'err_detect': 'explode'}
            stream.thread_type = 'AUTO'
            for frame in container.decode(stream):
                found += not frame.is_corrupt
    except DataError as error:
        raise cannot_write(path) from error
    if found != frames:
        raise cannot_write(path)


def check_joined(path: Path, packets: Counter, last_begin: Fraction,
                 last_frames: int) -> None:
    """Read a joined video as it is on the disk, and decode its end.

    Args:
        path: The video.
        packets: How many packets of each stream were written.
        last_begin: When the last segment begins, in seconds after the first
            frame.
        last_frames: How many frames it has.

    Raises:
        UserError: Something of it is missing.
    """
    found: Counter = Counter()
    try:
        with readable_video(path, _known(path)) as container:
            for packet in container.demux():
                found[packet.stream.index] += bool(packet.size)
        decoded = _decoded_from(path, last_begin)
    except DataError as error:
        raise cannot_write(path) from error
    # muxers put in packets of their own (empty subtitles), but leave none out
    if decoded < last_frames or any(
            found[index] < count for index, count in packets.items()):
        raise cannot_write(path)


def _decoded_from(path: Path, begin: Fraction) -> int:
    """How many frames can be decoded; the time is of the first frame on."""
    with readable_video(path, _known(path)) as container:
        stream = container.streams.video[0]
        # a transport stream has no index, and is entered by guesses
        early = _GUESSED if _known(path) else 0
        if begin > early:
            container.seek((stream.start_time or 0) + int(
                (begin - early) / stream.time_base), stream=stream)
        return sum(not frame.is_corrupt for frame in container.decode(stream))


def _known(path: Path) -> str | None:
    """The demuxer where FFmpeg cannot tell it from a few frames."""
    return 'mpegts' if muxer_of(path) == 'mpegts' else None
