"""Where live pictures go: a pipe, a network, or a file that grows."""

import io
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from fractions import Fraction

import av

from mmderain.errors import UserError
from mmderain.files import place, require_folder
from mmderain.folder_lock import alone_with
from mmderain.media.containers import is_mp4
from mmderain.media.live_output import LiveOutput
from mmderain.media.live_source import Sound
from mmderain.media.video_encoder import FrameEncoder
from mmderain.media.video_info import TimedFrame, VideoInfo, ffmpeg_name

# a file that can be played after a kill. With the header before everything,
# sound of a transport stream would be refused
_FRAGMENTS = {'movflags': 'frag_keyframe+default_base_moof',
              'frag_duration': '2000000', 'flush_packets': '1'}
_KEY_SECONDS = 2  # after which who joins later sees something
_MICROSECONDS = 1_000_000

# a stream, and its header where that is in the packets
CopiedSound = tuple[av.AudioStream, bytes | None]


class LiveSink:
    """Writes frames as they are restored, and sound between them.

    Args:
        output: Where, and as what.
        info: Of the frames.
        sounds: Streams of sound that are copied, each with its header where
            that is in the packets.
        begin: What is zero here, in units of the frames' time base.

    Raises:
        UserError: Nobody takes them, or the encoder or container does not.
    """

    def __init__(self, output: LiveOutput, info: VideoInfo,
                 sounds: Sequence[CopiedSound] = (), begin: int = 0) -> None:
        self.output = output
        self._begin = begin
        self.frames = 0
        self.files: int | None = None  # of a row of them
        self._waiting: deque[Sound] = deque()
        self._heard: dict[int, Fraction] = {}  # how far each sound has come
        if output.is_bare:
            # frames are counted there
            info = replace(info, time_base=1 / info.rate)
        self._info = info
        self._end = Fraction(0)  # of the last frame, in seconds
        self._push: io.RawIOBase | None = None
        self._hold = ExitStack()
        try:
            if output.is_file:
                require_folder(output.unfinished.parent)
                self._hold.enter_context(alone_with(output.unfinished))
            self._push = output.push()
            self._container = av.open(
                self._push or self._name, 'w', format=output.muxer,
                options=self._options)
        except (av.error.FFmpegError, OSError) as error:
            raise output.failed(error) from error
        try:
            self._encoder = self._added_encoder()
            self._sounds = [self._copy(*sound) for sound in sounds]
            with self._encoder.scheduling():
                self._container.start_encoding()
        except (av.error.FFmpegError, OSError, ValueError) as error:
            self.discard()
            if not output.is_file and isinstance(
                    error, av.error.FFmpegError | OSError) and not isinstance(
                    error, av.error.ArgumentError):
                raise output.failed(error) from error
            raise UserError(
                f'{output.target}: the container {output.muxer} does not take '
                f'{output.encoding.describe(info)} with '
                f'{len(sounds)} stream(s) of sound ({error}). Choose another '
                '--format or --codec, or leave sound out '
                '(--leave-out-streams).') from error

    @property
    def where(self) -> str:
        """Where the frames are, in words."""
        return str(self.output.target)

    @property
    def copies(self) -> list[CopiedSound]:
        """The sound that it writes, for one that continues it."""
        return [(stream, None) for stream in self._sounds]

    @property
    def _name(self) -> str:
        return (ffmpeg_name(self.output.unfinished) if self.output.is_file
                else self.output.target.ffmpeg_name)

    @property
    def _options(self) -> dict[str, str]:
        output = self.output
        options = {'flush_packets': '1'}
        if output.is_file and is_mp4(output.target):
            unit = str(self._info.time_base.denominator)
            options = dict(_FRAGMENTS, video_track_timescale=unit)
        if output.muxer == 'rtsp':
            options.update(rtsp_transport='tcp', timeout=str(
                round(output.timeout * _MICROSECONDS)))
        return options

    def _added_encoder(self) -> FrameEncoder:
        output, info = self.output, self._info
        if output.is_bare:
            return FrameEncoder(self._container, info, 'rawvideo',
                                output.raw_format(info), {})
        encoding = output.encoding
        encoder = encoding.encoder(info).name
        options = encoding.options(info)
        if not output.is_file:
            options.update(encoding.hurried(info))
        return FrameEncoder(
            self._container, info, encoder, encoding.pixel_format(info),
            options, None if output.is_file else round(
                _KEY_SECONDS * info.rate))

    def _copy(self, sound: av.AudioStream, header: bytes | None
              ) -> av.AudioStream:
        copy = self._container.add_stream_from_template(sound, opaque=True)
        if header is not None and not sound.codec_context.extradata:
            copy.codec_context.extradata = header
        return copy

    def hold(self, sound: Sound) -> None:
        """Keep sound until its frame is written."""
        if self._sounds:
            self._waiting.append(sound)

    def write(self, frame: TimedFrame) -> None:
        """Write a frame, and the sound before it.

        Raises:
            BrokenPipeError: Nobody reads on.
            UserError: It cannot be written.
        """
        if self.output.is_bare:
            frame = replace(frame, pts=self.frames, duration=1)
        begin = frame.pts * self._info.time_base
        length = frame.duration * self._info.time_base or 1 / self._info.rate
        self._mux_sound(begin)
        self._mux(replace(frame, pts=frame.pts - self._begin))
        self._end = begin + length
        self.frames += 1

    def close(self, to_the_end: bool) -> None:
        """Finish what was written.

        Args:
            to_the_end: Whether the source has ended, so that all its sound
                belongs to it.

        Raises:
            BrokenPipeError: Nobody reads on.
            UserError: It cannot be written.
        """
        output = self.output
        self._mux_sound(None if to_the_end else self._end)
        self._mux(None)
        try:
            self._container.close()
            if hasattr(self._push, 'finish'):
                self._push.finish()
                self._push.close()
        except (av.error.FFmpegError, OSError) as error:
            raise output.failed(error) from error
        if output.is_file:
            place(output.unfinished, output.target, output.overwrite)
        self._hold.close()

    def abandon(self) -> None:
        """Let go of it; a file stays under its unfinished name."""
        with suppress(av.error.FFmpegError, OSError):
            self._container.close()
        if self._push is not None:
            self._push.close()
        self._hold.close()

    def discard(self) -> None:
        """Let go of what has no frame; nothing of it stays."""
        self.abandon()
        if self.output.is_file:
            self.output.unfinished.unlink(missing_ok=True)

    def _mux_sound(self, end: Fraction | None) -> None:
        """Sound up to a moment; None for all of it."""
        try:
            while self._waiting and (
                    end is None or self._waiting[0].seconds < end):
                sound = self._waiting.popleft()
                # no container holds two times for one moment
                if sound.seconds <= self._heard.get(sound.number, -1):
                    continue
                self._heard[sound.number] = sound.seconds
                self._container.mux_one(self._own(sound))
        except (av.error.FFmpegError, OSError) as error:
            raise self.output.failed(error) from error

    def _own(self, sound: Sound) -> av.Packet:
        """Its packet, by the clock of this output."""
        packet = sound.packet
        shift = round(self._begin * self._info.time_base / packet.time_base)
        packet.dts -= shift
        if packet.pts is not None:
            packet.pts -= shift
        packet.stream = self._sounds[sound.number]
        return packet

    def _mux(self, frame: TimedFrame | None) -> None:
        try:
            with self._encoder.scheduling():
                packets = self._encoder.encode(frame)
            for packet in packets:
                self._container.mux_one(packet)
        except (av.error.FFmpegError, OSError) as error:
            raise self.output.failed(error) from error
