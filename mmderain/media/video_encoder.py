"""Encodes frames into a video that can be played even if it is cut off."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import av
import numpy as np

from mmderain.compat import keep_scheduling
from mmderain.errors import UserError
from mmderain.media.encoding import ENCODERS, Encoding
from mmderain.media.video_info import TimedFrame, VideoInfo, ffmpeg_name
from mmderain.unwritten import cannot_write

_FRAGMENT_MICROSECONDS = 2_000_000


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Errors of writing become ours.

    Raises:
        UserError: The disk is full, or the file cannot be written.
    """
    try:
        yield
    except (av.error.FFmpegError, OSError) as error:
        raise cannot_write(path, error) from error


class FrameEncoder:
    """Frames into packets of a container, without reordering.

    Args:
        container: Gets a video stream, before its encoding is started.
        info: Size, time base, colours of the frames; they are turned back
            from upright to how the source stores them.
        encoder: FFmpeg's name of it.
        pixel_format: That it gets.
        options: Its own.
        key_frames: The most frames from one key frame to the next; the
            encoder's own choice when None.
    """

    def __init__(self, container: av.container.OutputContainer,
                 info: VideoInfo, encoder: str, pixel_format: str,
                 options: dict[str, str],
                 key_frames: int | None = None) -> None:
        self._info, self._format = info, pixel_format
        self._durations: dict[int, int] = {}
        stream = container.add_stream(encoder, rate=info.rate,
                                      options=options)
        stream.width, stream.height = info.width, info.height
        stream.pix_fmt = pixel_format
        context = stream.codec_context
        context.time_base = info.time_base
        context.max_b_frames = 0
        if key_frames is not None:
            context.gop_size = key_frames
        if info.aspect:
            context.sample_aspect_ratio = info.aspect
        info.color.tag(context)
        if info.matrix is not None:
            stream.set_display_matrix(info.matrix)
        self._stream = stream
        # around all that it does
        self.scheduling = (
            keep_scheduling if encoder == ENCODERS['av1'] else nullcontext)

    def encode(self, frame: TimedFrame | None) -> list[av.Packet]:
        """The packets that are due with a frame; the last ones with None."""
        picture = None if frame is None else self._picture(frame)
        packets = self._stream.encode(picture)
        for packet in packets:
            # which encoders do not pass on
            packet.duration = self._durations.pop(packet.pts, 0)
        return packets

    def _picture(self, frame: TimedFrame) -> av.VideoFrame:
        image = np.rot90(frame.image, -self._info.turns)
        picture = self._info.color.from_rgb(np.ascontiguousarray(image),
                                            self._format)
        picture.pts = frame.pts
        picture.time_base = self._info.time_base
        self._durations[frame.pts] = frame.duration
        return picture


class VideoEncoder:
    """Writes one video, fragment by fragment.

    Frames are encoded without reordering, so that videos of one encoding can
    be joined packet by packet at any frame.

    Args:
        path: Of the video, MP4.
        info: Size, time base, colours of the frames; they are turned back
            from upright to how the source stores them.
        encoding: Codec and quality.

    Raises:
        UserError: The encoder is missing or refuses the frames, or the file
            cannot be written.
    """

    def __init__(self, path: Path, info: VideoInfo,
                 encoding: Encoding) -> None:
        self.path = path
        self.info = info
        with writing(path):
            self._container = av.open(
                ffmpeg_name(path), 'w', format='mp4', options={
                    'movflags': 'frag_keyframe+empty_moov+default_base_moof',
                    'frag_duration': str(_FRAGMENT_MICROSECONDS),
                    'flush_packets': '1',
                    'video_track_timescale': str(info.time_base.denominator)})
        encoder = encoding.encoder(info).name
        self._frames = FrameEncoder(
            self._container, info, encoder, encoding.pixel_format(info),
            encoding.options(info))
        try:
            with self._frames.scheduling():
                self._container.start_encoding()
        except (av.error.FFmpegError, ValueError) as error:
            self._container.close()
            raise UserError(
                f'{path}: {encoder} refuses {encoding.describe(info)} '
                f'({error}). {encoding.other(info)}') from error

    def write(self, frame: TimedFrame) -> None:
        """Encode a frame.

        Raises:
            UserError: The file cannot be written.
        """
        with writing(self.path), self._frames.scheduling():
            self._mux(self._frames.encode(frame))

    def close(self) -> None:
        """Finish the file.

        Raises:
            UserError: It cannot be written.
        """
        with writing(self.path):
            try:
                self._mux(self._frames.encode(None))
            finally:
                self._container.close()

    def _mux(self, packets: list[av.Packet]) -> None:
        for packet in packets:
            self._container.mux(packet)
