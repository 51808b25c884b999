"""What videos say of themselves."""

import errno
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.sidedata.sidedata import Type as SideData
from av.stream import Disposition

from mmderain.errors import DataError, NoMemoryError, as_user_error, remedy
from mmderain.file_kinds import no_file
from mmderain.media.hardware import Hardware
from mmderain.media.video_color import VideoColor

VIDEO_SUFFIXES = frozenset({
    '.3gp', '.avi', '.gif', '.m2ts', '.m4v', '.mkv', '.mov', '.mp4', '.mpeg',
    '.mpg', '.mts', '.ts', '.webm', '.wmv'})
_DEFAULT_RATE = Fraction(25)
# Containers and elementary streams. No playlists, scripts or patterns, which
# open other files, whatever a file is called.
DEMUXERS = (
    'apng', 'asf', 'avi', 'av1', 'dv', 'flv', 'gif', 'gxf', 'h264', 'hevc',
    'ivf', 'm4v', 'matroska', 'mjpeg', 'mov', 'mp4', 'mpeg', 'mpegts',
    'mpegvideo', 'mxf', 'nut', 'obu', 'ogg', 'rm', 'vc1', 'wtv',
    'yuv4mpegpipe')
ONLY_FILES = dict(protocol_whitelist='file',
                  format_whitelist=','.join(DEMUXERS))
# no fault of a file that cannot be opened
_OF_THE_SYSTEM = (errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE)
# FFmpeg's numbers of the orders in which two fields are stored and shown
_FIELDS = range(2, 6)
# streams without a container, for which FFmpeg calls 25 the average
_ELEMENTARY = frozenset({
    'av1', 'h264', 'hevc', 'm4v', 'mjpeg', 'mpegvideo', 'obu', 'vc1'})
_WITHOUT_TIMES = _ELEMENTARY | {'avi'}


@dataclass(frozen=True)
class VideoInfo:
    """What a video says of itself.

    Args:
        width: Of a frame as it is stored, before it is turned.
        height: The same.
        time_base: Unit of time stamps, in seconds.
        rate: Frames per second on average.
        num_frames: As the file says; None where it does not.
        pixel_format: FFmpeg's name.
        color: Matrix and range.
        matrix: The nine numbers by which players turn frames, or None.
        aspect: Width of a pixel over its height; None where it is not said.
        end: When the last frame ends, in units of the time base; None where
            the file does not say.
        clock: What the clock says when the recording begins, in seconds.
        beside: FFmpeg's names of what the first frame has beside its pixels.
        is_interlaced: Whether frames are woven of two fields.
        codec: FFmpeg's name; empty for images.
        has_alpha: Whether pixels can be transparent; VP9 keeps that in a
            picture of its own, which is not read.
        says_rate: Whether ``rate`` is its own, and not one that it is given.
    """

    width: int
    height: int
    time_base: Fraction
    rate: Fraction
    num_frames: int | None
    pixel_format: str
    color: VideoColor
    matrix: tuple[int, ...] | None = None
    aspect: Fraction | None = None
    end: int | None = None
    clock: Fraction = Fraction(0)
    beside: frozenset[str] = frozenset()
    is_interlaced: bool = False
    codec: str = ''
    has_alpha: bool = False
    says_rate: bool = True

    @property
    def depth(self) -> int:
        """Bits of a colour."""
        pixel_format = av.VideoFormat(self.pixel_format, self.width,
                                      self.height)
        return max(item.bits for item in pixel_format.components)

    @property
    def turns(self) -> int:
        """Quarter turns to the left that make a stored frame upright.

        0 where players do more than turn it (mirror it, say): such frames are
        restored as they are stored.
        """
        if self.matrix is None:
            return 0
        a, b, _, c, d = self.matrix[:5]
        unit = 1 << 16
        return {(unit, 0, 0, unit): 0, (0, -unit, unit, 0): 1,
                (-unit, 0, 0, -unit): 2, (0, unit, -unit, 0): 3
                }.get((a, b, c, d), 0)

    @property
    def upright_size(self) -> tuple[int, int]:
        """Height and width of the frames that are read."""
        size = self.height, self.width
        return size[::-1] if self.turns % 2 else size


@dataclass(frozen=True)
class TimedFrame:
    """A frame of a video.

    Args:
        image: (h, w, 3) uint8 RGB, upright.
        pts: When it is shown, in units of the time base.
        duration: For how long.
        index: Of the frame in its source, counted from 0.
    """

    image: np.ndarray
    pts: int
    duration: int = 0
    index: int = 0


def ffmpeg_name(path: Path) -> str:
    """A path as FFmpeg takes it for one, whatever it looks like.

    Otherwise ``concat:a.mp4`` or ``cache:a.mp4`` would open another file.
    """
    return f'file:{path.absolute()}'


@contextmanager
def readable_video(path: Path, demuxer: str | None = None,
                   hardware: Hardware | None = None) -> Iterator[
                       av.container.InputContainer]:
    """Open a video; FFmpeg's errors become ours.

    Args:
        path: The video.
        demuxer: FFmpeg's name of the container; FFmpeg finds out when None.
        hardware: That decodes; a CPU when None.

    Raises:
        DataError: The file cannot be opened or read, or holds no video.
    """
    problem = no_file(path)
    if problem:
        raise DataError(f'{path}: expected a video, but {problem}. Name '
                        'another file.')
    try:
        with av.open(ffmpeg_name(path), format=demuxer,
                     options=ONLY_FILES,
                     hwaccel=hardware and hardware.accel()) as container:
            if video_stream(container) is None:
                raise DataError(f'{path}: expected a video, but it has no '
                                'video stream. Give another file.')
            yield container
    # the second where no stream is of a kind that the hardware decodes
    except (av.error.FFmpegError, RuntimeError) as error:
        if hardware is not None:
            raise DataError(
                f'{path}: it cannot be decoded by {hardware} ({error}). Leave '
                '--hwaccel out: the CPU decodes then.') from error
        if not isinstance(error, av.error.FFmpegError):
            raise
        if isinstance(as_user_error(error), NoMemoryError):
            raise NoMemoryError(f'{path}: {as_user_error(error)} Or the file '
                                'is damaged: replace it.') from error
        if error.errno in _OF_THE_SYSTEM:
            raise DataError(
                f'{path}: expected a video that can be read, but the system '
                f'says "{error.strerror}". {remedy(error)}') from error
        raise DataError(
            f'{path}: expected a video, but it cannot be decoded '
            f'({error.strerror}). It may be truncated or damaged: convert or '
            'replace the file.') from error


def video_stream(container: av.container.InputContainer
                 ) -> av.VideoStream | None:
    """The first video stream that is no cover picture, marked as one or not.

    Where there is nothing else, a single picture is the video.
    """
    streams = [stream for stream in container.streams.video
               if not stream.disposition & Disposition.attached_pic]
    return next((stream for stream in streams if not _is_one_picture(stream)),
                streams[0] if streams else None)


def _is_one_picture(stream: av.VideoStream) -> bool:
    """Whether a stream says that it has a single frame."""
    said = stream.metadata
    counted = stream.frames or said.get('NUMBER_OF_FRAMES')
    clock = re.fullmatch(r'(\d+):(\d+):(\d+\.\d+)', said.get('DURATION', ''))
    if counted or not clock or not stream.average_rate:
        return str(counted) == '1'
    hours, minutes, seconds = map(Fraction, clock.groups())
    return (3600 * hours + 60 * minutes + seconds) * stream.average_rate < 1.5


def read_info(path: Path) -> VideoInfo:
    """What a video says of itself; decodes its first frame.

    Raises:
        DataError: It cannot be read, or has no frame.
    """
    with readable_video(path) as container:
        stream = video_stream(container)
        frame = next(container.decode(stream), None)
        if frame is None:
            raise DataError(f'{path}: no frame of it can be decoded. '
                            'Convert or replace the file.')
        return info_of(container, frame)


def info_of(container: av.container.InputContainer,
            frame: av.VideoFrame) -> VideoInfo:
    """The same of a video that is open.

    Args:
        container: The video.
        frame: Its first frame.
    """
    stream = video_stream(container)
    matrix = None
    if SideData.DISPLAYMATRIX in frame.side_data:
        matrix = struct.unpack(
            '<9i', bytes(frame.side_data[SideData.DISPLAYMATRIX]))
    rate = frame_rate(stream)
    start = stream.start_time if stores_times(container) else 0
    return VideoInfo(
        frame.width, frame.height, stream.time_base or 1 / rate, rate,
        counted_frames(container, stream), frame.format.name,
        VideoColor.of(frame), matrix,
        stream.sample_aspect_ratio or None,
        None if stream.duration is None
        else (start or 0) + stream.duration, _clock(container),
        frozenset(item.type.name for item in frame.side_data),
        bool(frame.interlaced_frame)
        or stream.codec_context.field_order in _FIELDS,
        stream.codec_context.codec.canonical_name,
        any(item.is_alpha for item in frame.format.components)
        or stream.metadata.get('alpha_mode') == '1',
        container.format.name not in _ELEMENTARY
        or bool(stream.codec_context.framerate))


def frame_rate(stream: av.VideoStream) -> Fraction:
    """Frames per second on average."""
    rates = [stream.average_rate, stream.guessed_rate, _DEFAULT_RATE]
    if stream.container.format.name in _ELEMENTARY:
        del rates[0]
    rate = next(rate for rate in rates if rate)
    # at the base rate every frame has a time of its own: none can be higher,
    # though files say so (in milliseconds, or by their unit of time)
    return min(rate, stream.base_rate or rate)


def stores_times(container: av.container.InputContainer) -> bool:
    """Whether it says when a frame is shown; else only in which order."""
    return container.format.name not in _WITHOUT_TIMES


def _clock(container: av.container.InputContainer) -> Fraction:
    """What the clock says at the beginning, where it runs on all the time.

    In MP4 a late start is meant: it shows nothing before. Before zero only
    sound begins, with what its decoder needs and nobody hears; or all of it,
    as FFmpeg counts where the clock of a transport stream has started over.
    """
    if (not stores_times(container)
            or 'mp4' in container.format.name.split(',')):
        return Fraction(0)
    starts = [(stream.start_time * stream.time_base, stream.type)
              for stream in container.streams
              if stream.type in ('video', 'audio')
              and stream.start_time is not None]
    first, _ = min(starts, default=(Fraction(0), ''))
    is_shifted = any(start < 0 and kind == 'video' for start, kind in starts)
    return first if is_shifted else max(first, Fraction(0))


def counted_frames(container: av.container.InputContainer,
                   stream: av.VideoStream) -> int | None:
    """Frames by the index; AVI, say, counts those that were dropped, too."""
    if 'mp4' not in container.format.name.split(','):
        return None
    # what an edit list cuts off is not in the index, but in `stream.frames`
    return sum(entry.size > 0 and not entry.is_discard
               for entry in stream.index_entries) or stream.frames or None
