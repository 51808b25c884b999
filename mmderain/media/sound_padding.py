"""What encoders of sound add before and after it, and players take away.

MP4 says it by its clock: a start before 0, and a last packet that is shorter
than what is in it. Matroska says it by numbers beside the packets, and its
clock counts milliseconds. FFmpeg copies neither into the other.
"""

import struct
from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
from av.packet import PacketSideData, packet_sidedata_type_from_literal

from mmderain.media.packets import packets_of
from mmderain.media.video_info import readable_video

_SKIP = 'skip_samples'
_LAYOUT = struct.Struct('<IIBB')  # samples at the start and end, two reasons
# Whose packets hold equally many samples. (The last one of FLAC is shorter.)
_FIXED = frozenset({'aac', 'mp3', 'opus'})
_MATROSKA_NAMES = {'aac': b'A_AAC', 'mp3': b'A_MPEG/L3', 'ac3': b'A_AC3',
                   'eac3': b'A_EAC3', 'mp2': b'A_MPEG/L2'}


class SoundClock:
    """Times of a sound stream's packets, by the count of their samples.

    Args:
        stream: From which the packets are.
        is_matroska: Whether they go into Matroska, else into MP4 or MOV.
    """

    def __init__(self, stream: av.AudioStream, is_matroska: bool) -> None:
        self._stream = stream
        self._is_matroska = is_matroska
        self._rate = stream.codec_context.sample_rate
        self._next: int | None = None
        self._samples = 0  # in the packet before
        self._count = 0

    def correct(self, packet: av.Packet) -> None:
        """Let a packet say when and for how long it is heard.

        Args:
            packet: As it was read; the packets come in order.
        """
        self._count += 1
        if not self._rate or packet.pts is None or not packet.duration:
            return
        start, end = _padding(packet)
        tick = packet.time_base * self._rate
        begin = self._exact(round(packet.pts * tick), start, tick)
        samples = (self._stream.codec_context.frame_size
                   or round(packet.duration * tick))
        end = end or self._padding_of_the_last(begin, samples)
        if end:  # the duration may be without it
            samples = max(samples, self._samples)
        self._next, self._samples = begin + samples, samples
        if self._is_matroska:
            if end:
                _set_padding(packet, start, end)
        elif packet.pts == packet.dts:
            packet.pts = packet.dts = begin
            packet.duration = samples - min(end, samples - 1)
            packet.time_base = Fraction(1, self._rate)

    def _exact(self, begin: int, start: int, tick: Fraction) -> int:
        """Undo rounding: a packet begins where the one before it ended."""
        due = -start if self._next is None else self._next
        return due if abs(begin - due) <= tick else begin

    def _padding_of_the_last(self, begin: int, samples: int) -> int:
        """What lies behind the end that MP4 says."""
        stream = self._stream
        if (stream.codec_context.codec.canonical_name not in _FIXED
                or stream.duration is None or self._count != stream.frames):
            return 0
        samples = max(samples, self._samples)
        said = round(((stream.start_time or 0) + stream.duration)
                     * stream.time_base * self._rate)
        padding = begin + samples - said
        return padding if 0 < padding < samples else 0


def first_paddings(path: Path, streams: Sequence[int]) -> dict[int, int]:
    """How many samples come before the sound, by stream.

    Args:
        path: A video.
        streams: Indices of its streams.
    """
    found: dict[int, int] = {}
    with readable_video(path) as container:
        sounds = [stream for stream in container.streams.audio
                  if stream.index in streams]
        for packet in packets_of(container, sounds) if sounds else ():
            if packet.size:
                found.setdefault(packet.stream.index, _padding(packet)[0])
            if len(found) == len(sounds):
                break
    return found


def add_with_delay(output: av.container.OutputContainer,
                   stream: av.AudioStream, delay: int) -> av.AudioStream:
    """Add a stream to Matroska as if it had been read from Matroska.

    That is the one way to let PyAV write a delay.

    Args:
        output: Gets the stream.
        stream: To be copied.
        delay: In samples.
    """
    context = stream.codec_context
    name = _MATROSKA_NAMES.get(context.codec.canonical_name)
    if name is None:  # the header of Opus says it itself
        return output.add_stream_from_template(stream, opaque=True)
    track = b''.join((
        _element(0xD7, 1), _element(0x73C5, 1), _element(0x83, 2),
        _element(0x86, name),
        _element(0x56AA, round(Fraction(delay, context.sample_rate) * 10**9)),
        _element(0x63A2, context.extradata) if context.extradata else b'',
        _element(0xE1, _element(0xB5, struct.pack('>d', context.sample_rate))
                 + _element(0x9F, context.channels))))
    tracks = _element(0x1654AE6B, _element(0xAE, track))
    with closing(av.open(BytesIO(
            _element(0x1A45DFA3, _element(0x4282, b'matroska'))
            + _element(0x18538067, _element(0x1549A966, b'') + tracks
                       + _element(0x1F43B675, _element(0xE7, 0)))))) as header:
        return output.add_stream_from_template(header.streams.audio[0],
                                               opaque=True)


def _padding(packet: av.Packet) -> tuple[int, int]:
    """Samples to take away at a packet's start and end."""
    if not packet.has_sidedata(_SKIP):
        return 0, 0
    return _LAYOUT.unpack(bytes(packet.get_sidedata(_SKIP)))[:2]


def _set_padding(packet: av.Packet, start: int, end: int) -> None:
    data = PacketSideData(packet_sidedata_type_from_literal(_SKIP),
                          _LAYOUT.size)
    data.update(_LAYOUT.pack(start, end, 0, 0))
    packet.set_sidedata(data)


def _element(kind: int, content: bytes | int) -> bytes:
    """An element of Matroska (RFC 8794)."""
    if isinstance(content, int):
        content = content.to_bytes(8, 'big')
    return (kind.to_bytes((kind.bit_length() + 7) // 8, 'big')
            + (len(content) | 1 << 28).to_bytes(4, 'big') + content)
