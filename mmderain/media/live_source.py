"""Frames and sound as they come, received in a thread of its own."""

import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np

from mmderain.errors import DataError
from mmderain.media.frame_times import FrameTimes
from mmderain.media.live_clock import LiveClock
from mmderain.media.live_input import LiveInput
from mmderain.media.live_queue import LiveQueue
from mmderain.media.live_sound import sound_header
from mmderain.media.packets import last_packet, packets_of
from mmderain.media.receiver import Receiver
from mmderain.media.video_color import VideoColor
from mmderain.media.video_info import (
    TimedFrame,
    VideoInfo,
    info_of,
    video_stream,
)
from mmderain.media.watched_pipe import WatchedPipe

# what is held of a source that does not wait, but not more memory; a second
# comes at once in the beginning, when it is known what it is
_HELD_SECONDS, _HELD_BYTES = 2, 128 << 20
_HELD_OF_OTHERS = 4  # frames
_STDIN = 0
_LOOK = 0.1  # seconds between two looks at whether to stop
_LONGEST_PAUSE = 10  # seconds between two tries to connect


class Sound(NamedTuple):
    """A packet of sound, by the clock of the frames.

    Args:
        packet: With times since the beginning.
        number: Of its stream among :attr:`LiveSource.sounds`.
        seconds: When it is heard.
    """

    packet: av.Packet
    number: int
    seconds: Fraction


class _Lost(Exception):
    """A connection is gone."""


class LiveSource:
    """Receives frames; they are counted, bounded, and on one clock.

    Attributes:
        info: Of the frames; there after :meth:`open`.
        sounds: Streams of sound, to be copied.
        headers: What their containers have to know of them, where it is in
            the packets.
        others: What else comes, and is not copied.
        is_endless: Whether frames do not wait for a machine that is too slow.
        bad: Frames that could not be decoded.
        reconnections: How often it was connected anew.

    Args:
        wanted: What is received.
    """

    info: VideoInfo
    sounds: tuple[av.AudioStream, ...] = ()
    headers: tuple[bytes | None, ...] = ()
    others: tuple[str, ...] = ()
    is_endless = False

    def __init__(self, wanted: LiveInput) -> None:
        self.wanted = wanted
        self.bad = self.reconnections = self.came = 0
        self._queue = LiveQueue(_HELD_OF_OTHERS, drops=False)
        self._clock = LiveClock()
        self._pipe = (WatchedPipe(_STDIN, wanted.name)
                      if wanted.kind == 'pipe' else None)
        self._last: int | None = None  # time stamp
        # that the first frame is there, and that streams have been copied
        self._ready, self._begun = threading.Event(), threading.Event()
        self._thread = Receiver(self._run, wanted.waits)

    @property
    def dropped(self) -> int:
        """Frames that nobody had time for."""
        return self._queue.dropped

    def open(self, check_stop: Callable[[], None]) -> None:
        """Connect, and wait for the first frame.

        Args:
            check_stop: Raises something where the user wants to stop.

        Raises:
            DataError: None comes.
        """
        self._thread.start()
        waits = self.wanted.waits
        # names are looked up without any limit of FFmpeg's
        end = None if waits is None else time.monotonic() + 2 * waits
        while not self._ready.wait(_LOOK):
            check_stop()
            if end is not None and time.monotonic() > end:
                raise DataError(
                    f'no picture has come from {self.wanted.name} within '
                    f'{2 * waits:g} s. Check the address, or wait longer '
                    '(--timeout).')
        if not hasattr(self, 'info'):
            try:
                while True:  # raises why, after what is said before it
                    self._queue.get(0)
            except EOFError as error:
                raise DataError(
                    f'{self.wanted.name}: expected a video, but it ends '
                    'before its first picture is whole. Check what writes '
                    'it.') from error

    def begin(self) -> None:
        """Streams of :attr:`sounds` are not needed any more."""
        self._begun.set()

    def close(self) -> None:
        """Receive nothing more."""
        self._queue.close()
        self._begun.set()

    def items(self, is_stopped: Callable[[], bool]
              ) -> Iterator[TimedFrame | Sound | str]:
        """What comes, in its order; texts are what the user has to know.

        Args:
            is_stopped: Whether nothing more is wanted.

        Raises:
            DataError: The source is lost, after all that came before.
        """
        number = 0
        while not is_stopped():
            try:
                item = self._queue.get(_LOOK)
            except EOFError:
                return
            if isinstance(item, av.VideoFrame):
                item = self._timed(item, number)
                number += 1
            if item is not None:
                yield item

    def _timed(self, frame: av.VideoFrame, number: int) -> TimedFrame:
        image = VideoColor.of(frame).to_rgb(frame)
        if self.info.turns:
            image = np.ascontiguousarray(np.rot90(image, self.info.turns))
        return TimedFrame(image, frame.pts, frame.duration or 0, number)

    # ------------------------------------------------- in the other thread

    def _run(self) -> None:
        error = None
        try:
            self._receive()
        except Exception as reason:  # whatever it is, the other thread tells
            error = reason
        self._queue.close(error)
        self._ready.set()

    def _receive(self) -> None:
        """All connections, one after the other."""
        container, tries = self.wanted.open(self._pipe), 0
        while container is not None:
            before = self.came
            try:
                self._pump(container)
                return
            except _Lost as lost:
                tries = 0 if self.came > before else tries
                container = self._open_anew(str(lost), tries)
                tries += 1

    def _open_anew(self, reason: str, tries: int
                   ) -> av.container.InputContainer | None:
        """Connect again; None where nobody wants it."""
        most = self.wanted.most_tries if self.is_endless else 0
        for number in range(tries, most):
            pause = min(2 ** number, _LONGEST_PAUSE)
            if not self._queue.put(
                    f'{self.wanted.name}: the connection is lost ({reason}); '
                    f'try {number + 1} of {most} in {pause} s', False):
                return None
            time.sleep(pause)
            try:
                container = self.wanted.open()
            except DataError as error:
                reason = self.wanted.reason(error.__cause__ or error)
                continue
            self.reconnections += 1
            return container
        raise DataError(
            f'{self.wanted.name}: the connection was lost after {self.came} '
            f'frames ({reason}), and {most} tries did not bring it back')

    def _pump(self, container: av.container.InputContainer) -> None:
        """Receive from one connection, until its end."""
        video = video_stream(container)
        # else decoders make something up for what is damaged
        video.codec_context.options = {'err_detect': 'explode'}
        sounds, times = list(container.streams.audio), FrameTimes(container)
        is_first = True
        early: list[av.Packet] = []  # sound that came before a frame
        self._clock.connect()
        try:
            for packet in self._packets(container, [video, *sounds]):
                if is_first:
                    self.wanted.check_raw(packet)
                if packet.stream is not video:
                    early.append(packet)
                for frame in self._decoded(packet, times):
                    if is_first:
                        self._connected(container, frame, early)
                        is_first = False
                    frame.pts = self._next_time(times.of(frame), frame)
                    if not self._queue.put(frame, True):
                        return
                    self.came += 1
                    self._ready.set()
                while early and not is_first:
                    sound = self._sound(early.pop(0), sounds)
                    if sound and not self._queue.put(sound, False):
                        return
        finally:
            if self._ready.is_set():
                self._begun.wait()  # somebody may be copying its streams
            container.close()

    def _packets(self, container: av.container.InputContainer,
                 streams: list[av.stream.Stream]) -> Iterator[av.Packet]:
        try:
            for packet in packets_of(container, streams):
                if self._pipe:
                    self._pipe.saw(packet)
                yield packet
        except av.error.FFmpegError as error:
            yield last_packet(streams[0])
            if not self.wanted.is_network:
                raise DataError(
                    f'{self.wanted.name}: what comes after {self.came} frames '
                    f'cannot be read ({self.wanted.reason(error)})'
                    ) from error
            if not (self.is_endless and self.wanted.is_end(error)):
                raise _Lost(self.wanted.reason(error)) from error
        if self._pipe and (damage := self._pipe.missing(container)):
            self._queue.put(f'damaged: {self.wanted.name}: {damage}', False)
        if self.is_endless and self.wanted.may_come_back:
            raise _Lost('the sender has closed it')

    def _decoded(self, packet: av.Packet, times: FrameTimes
                 ) -> Iterator[av.VideoFrame]:
        if packet.stream.type != 'video':
            return
        times.expect(packet)
        try:
            frames = packet.decode()
        # the second where a raw picture is not whole
        except (av.error.InvalidDataError, av.error.ArgumentError):
            times.forget(packet)
            frames = ()
            # who comes in the middle waits for a key frame
            self.bad += self.came > 0
        for frame in frames:
            if frame.is_corrupt:
                times.of(frame)
                self.bad += self.came > 0
                continue
            yield frame

    def _connected(self, container: av.container.InputContainer,
                   frame: av.VideoFrame, early: list[av.Packet]) -> None:
        """The first frame of a connection is there, and sound before it."""
        info = info_of(container, frame)
        if self._ready.is_set():
            self._check_size(frame)
            return
        self.info = info
        self.sounds = tuple(container.streams.audio)
        self.headers = tuple(next((sound_header(
            sound.codec_context.name, bytes(packet)) for packet in early
            if packet.stream is sound and packet.size), None)
            for sound in self.sounds)
        video = video_stream(container)
        self.others = tuple(
            f'{stream.type} stream {stream.index}'
            for stream in container.streams
            if stream.type != 'audio' and stream is not video)
        self.is_endless = self.wanted.is_endless(container)
        if self.is_endless:
            held = min(round(_HELD_SECONDS * info.rate),
                       _HELD_BYTES // (4 * info.width * info.height))
            self._queue.drops, self._queue.capacity = True, max(2, held)
        self._clock.begin(info.clock)

    def _check_size(self, frame: av.VideoFrame) -> None:
        known = self.info.width, self.info.height
        if (frame.width, frame.height) != known:
            raise DataError(
                f'{self.wanted.name}: expected pictures of '
                f'{known[0]}x{known[1]} pixels as before, got '
                f'{frame.width}x{frame.height}. Start anew for those.')

    def _next_time(self, pts: int, frame: av.VideoFrame) -> int:
        """Of a frame, by the clock of all connections."""
        self._check_size(frame)
        unit = self.info.time_base
        ticks = round(self._clock.at(pts * (frame.time_base or unit)) / unit)
        # a time stamp of the past would break every player
        self._last = ticks if self._last is None else max(
            self._last + 1, ticks)
        return self._last

    def _sound(self, packet: av.Packet, streams: list[av.AudioStream]
               ) -> Sound | None:
        number = streams.index(packet.stream)
        if (not packet.size or packet.dts is None
                or number >= len(self.sounds)):
            return None
        seconds = self._clock.at(packet.dts * packet.time_base)
        shift = round(seconds / packet.time_base) - packet.dts
        packet.dts += shift
        if packet.pts is not None:
            packet.pts += shift
        return Sound(packet, number, seconds) if seconds >= 0 else None
