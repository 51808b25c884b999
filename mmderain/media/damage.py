"""What is missing from a video, found before any of it is decoded.

Demuxers pass over damage so that players can continue. Whoever keeps the
result instead of the recording has to know of it. Only what the file itself
says should be there counts: a long interval between two frames is not damage.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import av

from mmderain.media import flv, nut, transport_stream
from mmderain.media.asf import read_header
from mmderain.media.gif import is_cut
from mmderain.media.matroska import Gap, matroska_gaps
from mmderain.media.mp4 import broken_fragments, missing_samples
from mmderain.media.packets import packets_of
from mmderain.media.video_info import readable_video, video_stream

# Codecs whose packets never hold so many zeros in a row, while their decoders
# make a picture of any bytes: at most 16 were found in black, grey and flat
# pictures of 1920x1080 and 1280x720.
_DENSE = frozenset({'av1', 'ffv1', 'ffvhuff', 'huffyuv', 'vp8', 'vp9', 'wmv1',
                    'wmv2'})
_ZEROS = bytes(128)
# of which demuxers go on at the next place that they understand
_PASSED_OVER = {'flv': flv.lost_places, 'mpegts': transport_stream.lost_places,
                'nut': nut.lost_places}


@dataclass(frozen=True)
class Damage:
    """Frames of a video that are missing or damaged.

    Args:
        begin: When they begin, in seconds after the first frame.
        end: When they end; None where nobody knows.
        first: Number of the first of them.
        frames: About how many; None where nobody knows.
        reason: What is wrong.
    """

    begin: float
    end: float | None
    first: int
    frames: int | None
    reason: str

    def touches(self, begin: float, end: float | None) -> bool:
        """Whether it is in a part of the video, given in seconds."""
        return ((end is None or self.begin < end)
                and (self.end is None or self.end > begin))

    def __str__(self) -> str:
        if self.frames is None:
            place = (f'frames from {self.first} on (from {self.begin:.3f} s '
                     'on)')
        else:
            last = self.first + self.frames - 1
            place = (f'frames {self.first} to about {last} '
                     f'({self.begin:.3f} to {self.end:.3f} s)')
        return f'{place} are missing or damaged: {self.reason}'


def find_damage(path: Path) -> list[Damage]:
    """Read a video without decoding it.

    Args:
        path: The video.

    Raises:
        DataError: The file cannot be opened.
    """
    scan = _Scan(path)
    gaps = chain(matroska_gaps(path), scan.gaps)
    return sorted({scan.describe(gap) for gap in gaps},
                  key=lambda item: item.begin)


class _Scan:
    """The packets of a video: times of its frames, and what is wrong."""

    def __init__(self, path: Path) -> None:
        self.gaps: list[Gap] = []
        self._times: list[float] = []
        self._places: list[tuple[int, float]] = []  # byte and time
        self._end = 0.0
        self._read = 0  # bytes, up to the last whole packet
        with readable_video(path) as container:
            stream = video_stream(container)
            self._rate = float(stream.average_rate or stream.guessed_rate
                               or 25)
            self._dense = stream.codec_context.name in _DENSE
            # there the counters tell more
            self._has_counters = container.format.name == 'mpegts'
            for packet in _all_packets(container, self.gaps):
                self._add(packet, packet.stream.index == stream.index)
            header = (read_header(path) if container.format.name == 'asf'
                      else None)
            self._check_end(container, header and header.duration)
            if container.format.name == 'gif' and is_cut(path):
                self.gaps.append(Gap(
                    None, None, 'it has no end mark: it is truncated'))
            if container.format.name == 'yuv4mpegpipe':
                self._check_y4m(path)
            if container.format.name in _PASSED_OVER:
                self._check_places(_PASSED_OVER[container.format.name](path))
            if 'mp4' in container.format.name.split(','):
                self._check_mp4(container, path)
            if header is not None:
                self._check_places(header.lost_packets(path))
        self._times.sort()
        self._start = self._times[0] if self._times else 0.0

    def _add(self, packet: av.Packet, is_video: bool) -> None:
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None:
            return
        time = float(stamp * packet.time_base)
        length = float((packet.duration or 0) * packet.time_base)
        if is_video and packet.size:
            length = length or 1 / self._rate
            self._times.append(time)
            if packet.pos is not None:
                self._places.append((packet.pos, time))
                self._read = packet.pos + packet.size
            reason = None
            if packet.is_corrupt and not self._has_counters:
                reason = 'the stream says that data are lost here'
            elif self._dense and _ZEROS in bytes(packet):
                reason = 'a part of the file is zeros'
            if reason:
                self._add_gap(Gap(time, time + length, reason))
        self._end = max(self._end, time + length)

    def _add_gap(self, gap: Gap) -> None:
        last = self.gaps[-1] if self.gaps else None
        if (last and last.reason == gap.reason and last.end is not None
                and abs(gap.begin - last.end) < 0.5 / self._rate):
            self.gaps[-1] = replace(last, end=gap.end)
        else:
            self.gaps.append(gap)

    def _check_end(self, container: av.container.InputContainer,
                   said: float | None) -> None:
        """What the header says of the duration, and is not there."""
        # Others guess it by the last time stamp that is there; MP4 and
        # Matroska say it otherwise.
        if container.format.name == 'avi':
            # whose duration FFmpeg guesses where the file is cut
            stream = video_stream(container)
            said = float(stream.frames * stream.time_base)
        elif container.format.name == 'flv' and container.duration:
            # counted from its first frame on
            said = (container.duration + max(0, container.start_time or 0)
                    ) / av.time_base
        if said is None:
            return
        # others round to milliseconds, and do not say how long the last is
        spare = (0.5 if container.format.name == 'avi' else 2) / self._rate
        # an AVI whose frames are much longer than its ticks does not say how
        # long the last one is
        length = (self._end - min(self._times, default=0)) / max(
            1, len(self._times) - 1)
        if length > 2 / self._rate:
            spare = max(spare, length)
        if self._end < said - spare - 0.002:
            self.gaps.append(Gap(
                None, said, f'it says it lasts {said:.2f} s but ends after '
                f'{self._end:.2f} s: it is truncated'))

    def _check_mp4(self, container: av.container.InputContainer,
                   path: Path) -> None:
        size = path.stat().st_size
        for begin, end in missing_samples(container, size):
            self.gaps.append(Gap(
                begin, end + 1 / self._rate, 'its index names what would be '
                f'beyond its end at byte {size}: it is truncated'))
        self._check_places(broken_fragments(path))

    def _check_y4m(self, path: Path) -> None:
        """What FFmpeg takes for the end of the file."""
        if not self.gaps and self._read < path.stat().st_size:
            self.gaps.append(Gap(None, None, 'it ends within a frame: it is '
                                 'truncated'))

    def _check_places(self, places: Iterable[tuple[int, str]]) -> None:
        """What is known by its byte; the frames tell when that is."""
        for place, reason in places:
            before = bisect_right(self._places, (place, float('inf')))
            time = self._places[before - 1][1] if before else self._end
            self._add_gap(Gap(time, time + 1 / self._rate, reason))

    def describe(self, gap: Gap) -> Damage:
        """A gap in frames, and in seconds after the first one."""
        begin = self._end if gap.begin is None else gap.begin
        first = sum(time < begin - 1e-6 for time in self._times)
        frames = end = None
        if gap.end is not None:
            end = gap.end - self._start
            # of the last frames there may be some, out of order
            begun = end - first / self._rate if gap.begin is None else (
                gap.end - begin)
            frames = max(0, round(begun * self._rate)) or None
        return Damage(begin - self._start, end, first, frames, gap.reason)


def _all_packets(container: av.container.InputContainer, gaps: list[Gap]
                 ) -> Iterator[av.Packet]:
    packets = packets_of(container)
    while True:
        try:
            packet = next(packets, None)
        except av.error.InvalidDataError:
            gaps.append(Gap(None, None, 'the rest of the file cannot be read'))
            return
        if packet is None:
            return
        yield packet
