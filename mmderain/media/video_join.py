"""Joins segments of a video and brings in the source's other streams.

Nothing is decoded or encoded here: packets are copied.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from mmderain.errors import UserError
from mmderain.media.containers import is_matroska, is_mp4, muxer_of
from mmderain.media.copied_streams import add_covers, is_timecode
from mmderain.media.decoding_times import with_decoding_times
from mmderain.media.mov_languages import mov_language
from mmderain.media.packets import packets_of
from mmderain.media.sound_padding import (
    SoundClock,
    add_with_delay,
    first_paddings,
)
from mmderain.media.video_encoder import writing
from mmderain.media.video_info import (
    VideoInfo,
    ffmpeg_name,
    readable_video,
    video_stream,
)

# what a muxer writes anew
_OWN_METADATA = {'major_brand', 'minor_version', 'compatible_brands',
                 'encoder'}
# FFmpeg fills gaps between subtitles of MP4 with these, and does so again
_EMPTY_SUBTITLE = b'\0\0'


@dataclass(frozen=True)
class Copied:
    """What is taken over from the source beside the video.

    Args:
        path: The source.
        streams: Indices of the streams to copy.
        covers: Indices of pictures to keep as cover pictures.
        zero: The second of the source that becomes 0.
        begin: What is before this second is left out; None for the source's
            begin.
        end: The same for what is after it.
    """

    path: Path
    streams: tuple[int, ...]
    covers: tuple[int, ...] = ()
    zero: Fraction = Fraction(0)
    begin: Fraction | None = None
    end: Fraction | None = None


def join_segments(segments: Sequence[Path], starts: Sequence[Fraction],
                  target: Path, info: VideoInfo,
                  copied: Copied | None = None) -> Counter:
    """Write one video.

    Args:
        segments: In order; each begins with a key frame and at time 0.
        starts: When each of them begins in the whole, in seconds.
        target: The video; its suffix names the container.
        info: Rate, colours and display matrix.
        copied: What comes from the source.

    Returns:
        Counter: How many packets each stream got, by its index.

    Raises:
        UserError: The segments are not of one encoding, or the file cannot be
            written.
        DataError: The source cannot be read.
    """
    written: Counter = Counter()
    with ExitStack() as stack:
        source = (stack.enter_context(readable_video(copied.path))
                  if copied else None)
        first = stack.enter_context(av.open(ffmpeg_name(segments[0])))
        stack.enter_context(writing(target))
        template = first.streams.video[0]
        options = {}
        if is_mp4(target):
            # the start is kept in this unit; it would be milliseconds
            options = {'movflags': '+faststart', 'movie_timescale': str(
                template.time_base.denominator)}
        output = stack.enter_context(av.open(
            ffmpeg_name(target), 'w', format=muxer_of(target),
            options=options))
        video = output.add_stream_from_template(template, opaque=True)
        if is_mp4(target) and template.codec_context.name == 'hevc':
            video.codec_context.codec_tag = 'hvc1'  # Apple plays no hev1
        # which the segments do not hand on where a part of it is not said
        info.color.tag(video.codec_context)
        # else Matroska would say the unit of time
        video.codec_context.framerate = info.rate
        if info.aspect:  # which VP9, AV1 and FFV1 do not say themselves
            video.codec_context.sample_aspect_ratio = info.aspect
        if info.matrix is not None:
            video.set_display_matrix(info.matrix)
        streams = {}
        if source is not None:
            _copy_metadata(source, output, video, copied)
            delays = (first_paddings(copied.path, copied.streams)
                      if is_matroska(target) and copied.begin is None else {})
            for index in copied.streams:
                streams[index] = _add_copy(source.streams[index], output,
                                           delays.get(index, 0))
        if target.suffix.lower() == '.mov':
            for stream in (video, *streams.values()):
                said = stream.metadata.get('language', 'und')
                stream.metadata['language'] = mov_language(said) or 'und'
        covers = (stack.enter_context(add_covers(output, copied.path,
                                                 copied.covers))
                  if copied and copied.covers else [])
        output.start_encoding()
        for packet in covers:
            output.mux_one(packet)
        ours = _segment_packets(segments, starts,
                                template.codec_context.extradata)
        theirs = (_source_packets(source, copied, is_matroska(target))
                  if streams else iter(()))
        for packet, index in _by_time(ours, theirs):
            packet.stream = video if index is None else streams[index]
            output.mux_one(packet)
            written[packet.stream.index] += 1
    return written


def _add_copy(stream: av.stream.Stream,
              output: av.container.OutputContainer,
              delay: int) -> av.stream.Stream:
    if stream.codec_context is None:
        return output.add_stream_from_template(stream)
    copy = (add_with_delay(output, stream, delay) if delay
            else output.add_stream_from_template(stream, opaque=True))
    copy.metadata.update(stream.metadata)
    copy.disposition = stream.disposition
    return copy


def _copy_metadata(source: av.container.InputContainer,
                   output: av.container.OutputContainer,
                   video: av.VideoStream, copied: Copied) -> None:
    output.metadata.update({key: value
                            for key, value in source.metadata.items()
                            if key not in _OWN_METADATA})
    original = video_stream(source)
    video.metadata.update(original.metadata)
    video.disposition = original.disposition
    for stream in source.streams:
        if is_timecode(stream):
            video.metadata.setdefault('timecode', stream.metadata['timecode'])
    if copied.begin is not None:
        # it is that of the source's first frame
        for said in (video.metadata, output.metadata):
            for key in [key for key in said if key.lower() == 'timecode']:
                del said[key]
    chapters = list(_chapters(source, copied))
    if chapters:
        output.set_chapters(chapters)


def _chapters(source: av.container.InputContainer,
              copied: Copied) -> Iterator[dict]:
    """Those that are in the part, by its clock."""
    for chapter in source.chapters():
        unit = chapter['time_base']
        begin = max(chapter['start'] * unit, copied.zero)
        end = chapter['end'] * unit
        end = end if copied.end is None else min(end, copied.end)
        if begin < end:
            yield dict(chapter, start=round((begin - copied.zero) / unit),
                       end=round((end - copied.zero) / unit))


def _segment_packets(segments: Sequence[Path], starts: Sequence[Fraction],
                     expected: bytes | None
                     ) -> Iterator[tuple[Fraction, av.Packet, None]]:
    for path, start in zip(segments, starts, strict=True):
        with readable_video(path) as container:
            stream = container.streams.video[0]
            if stream.codec_context.extradata != expected:
                raise UserError(
                    f'{path} was encoded otherwise than the segments before '
                    f'it and cannot be joined to them. Move {path.parents[1]} '
                    'away and start anew.')
            for packet in container.demux(stream):
                if packet.size:
                    shift = round(start / packet.time_base)
                    packet.pts += shift
                    packet.dts += shift
                    yield packet.dts * packet.time_base, packet, None


def _source_packets(container: av.container.InputContainer, copied: Copied,
                    to_matroska: bool
                    ) -> Iterator[tuple[Fraction, av.Packet, int]]:
    streams = [container.streams[index] for index in copied.streams]
    clocks = {stream.index: SoundClock(stream, to_matroska)
              for stream in streams
              if stream.type == 'audio' and stream.codec_context}
    for packet in with_decoding_times(packets_of(container, streams)):
        if not packet.size or packet.dts is None:
            continue
        if packet.stream.index in clocks:
            clocks[packet.stream.index].correct(packet)
        if (packet.stream.type == 'subtitle'
                and bytes(packet) == _EMPTY_SUBTITLE):
            continue
        time = packet.dts * packet.time_base
        if ((copied.begin is not None and time < copied.begin)
                or (copied.end is not None and time >= copied.end)):
            continue
        shift = round(copied.zero / packet.time_base)
        packet.dts -= shift
        if packet.pts is not None:
            packet.pts -= shift
        yield time - copied.zero, packet, packet.stream.index


def _by_time(ours: Iterator, theirs: Iterator
             ) -> Iterator[tuple[av.Packet, int | None]]:
    """Merge two sequences, so that the muxer has to hold back little."""
    heads = [next(ours, None), next(theirs, None)]
    sources = [ours, theirs]
    while any(heads):
        first = min((head[0], number) for number, head in enumerate(heads)
                    if head)[1]
        yield heads[first][1:]
        heads[first] = next(sources[first], None)
