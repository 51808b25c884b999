"""Which streams of a video go into another as they are, and which cannot."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import av
from av.stream import Disposition

from mmderain.media.containers import muxer_of
from mmderain.media.mov_languages import mov_language
from mmderain.media.packets import packets_of
from mmderain.media.video_info import (
    ffmpeg_name,
    readable_video,
    video_stream,
)

# a file to find out what a container takes
TRIAL = 'trial'
_WITH_COVERS = ('.mp4', '.m4v', '.mkv')
# what muxers write of themselves
_OF_CONTAINERS = frozenset({'major_brand', 'minor_version', 'encoder',
                            'compatible_brands'})
_COVERS = {'mjpeg': 'jpeg', 'png': 'png'}


@dataclass
class CopyPlan:
    """What becomes of the streams beside the video.

    Args:
        streams: Indices of those that are copied packet by packet.
        covers: Indices of cover pictures that are kept.
        needed: Descriptions of sound and subtitles that do not fit.
        notes: What else the user has to know.
        has_timecode: Whether the video has a time code.
    """

    streams: list[int] = field(default_factory=list)
    covers: list[int] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    has_timecode: bool = False


def plan_copies(source: Path, target: Path, scratch: Path,
                with_sound: bool = True) -> CopyPlan:
    """Find out which streams of a video a container can take.

    Args:
        source: The video.
        target: Its suffix names the container.
        scratch: A folder to try in.
        with_sound: Whether sound is wanted.
    """
    plan = CopyPlan()
    suffix = target.suffix.lower()
    with readable_video(source) as container:
        video = video_stream(container)
        if suffix == '.ts':
            plan.notes += [f'not kept: {what}, which .ts does not hold'
                           for what in _beside_streams(container)]
        plan.has_timecode = any(has_timecode(stream)
                                for stream in container.streams)
        for stream in container.streams:
            name = f'{stream.type} stream {stream.index} ({_codec(stream)})'
            if (stream.index == video.index or is_timecode(stream)
                    or _is_chapters(stream, container)):
                continue  # the muxer makes those anew
            if stream.type == 'audio' and not with_sound:
                continue
            if stream.disposition & Disposition.attached_pic:
                if (suffix not in _WITH_COVERS
                        or _codec(stream) not in _COVERS):
                    plan.notes.append(f'not kept: the cover picture, {name}')
                else:
                    plan.covers.append(stream.index)
            elif not _fits(stream, scratch / f'{TRIAL}{target.suffix}'):
                if stream.type == 'data':
                    plan.notes.append(f'not copied: {name}')
                else:
                    plan.needed.append(name)
            else:
                plan.streams.append(stream.index)
                language = stream.language or 'und'
                if suffix == '.mov' and language != 'und' and (
                        mov_language(language) is None):
                    plan.notes.append(f'not kept: the language {language} of '
                                      f'{name}')
                if stream.type == 'video':
                    plan.notes.append('not derained, but copied as it is: '
                                      f'{name}')
    return plan


def _beside_streams(container: av.container.InputContainer) -> list[str]:
    """What a file says of itself and its parts."""
    tags = sorted({key.lower().partition('-')[0]
                   for key in container.metadata} - _OF_CONTAINERS)
    return (['chapters'] if container.chapters() else []) + (
        [f'what the file says of itself ({", ".join(tags)})'] if tags else [])


def has_timecode(stream: av.stream.Stream) -> bool:
    """Whether a stream says what the time code of the first frame is."""
    return 'timecode' in map(str.lower, stream.metadata)


def is_timecode(stream: av.stream.Stream) -> bool:
    """MOV shows the video's time code as a track, too."""
    return stream.type == 'data' and 'timecode' in stream.metadata


@contextmanager
def add_covers(output: av.container.OutputContainer, source: Path,
               covers: Sequence[int]) -> Iterator[list[av.Packet]]:
    """Add cover pictures to a file that is begun.

    Args:
        output: Matroska, which holds them as attachments, or MP4.
        source: The video whose they are.
        covers: Indices of its streams.

    Yields:
        list[av.Packet]: What has to be muxed first.
    """
    packets = []
    with readable_video(source) as container:
        streams = [container.streams[index] for index in covers]
        for packet in packets_of(container, streams):
            if packet.stream not in streams or not packet.size:
                continue
            stream = packet.stream
            streams.remove(stream)
            if output.format.name == 'matroska':
                kind = _COVERS[stream.codec_context.name]
                output.add_attachment(f'cover.{kind}', f'image/{kind}',
                                      bytes(packet))
            else:
                copy = output.add_stream_from_template(stream, opaque=True)
                copy.disposition = Disposition.attached_pic
                packet.stream, packet.pts, packet.dts = copy, 0, 0
                packets.append(packet)
            if not streams:
                break
        yield packets


def _codec(stream: av.stream.Stream) -> str:
    return (stream.codec_context.name if stream.codec_context
            else stream.name or 'unknown')


def _fits(stream: av.stream.Stream, trial: Path) -> bool:
    try:
        with av.open(ffmpeg_name(trial), 'w',
                     format=muxer_of(trial)) as output:
            output.add_stream_from_template(stream, opaque=True) \
                if stream.codec_context else \
                output.add_stream_from_template(stream)
            output.start_encoding()
    except (av.error.FFmpegError, ValueError):
        return False
    finally:
        trial.unlink(missing_ok=True)
    return True


def _is_chapters(stream: av.stream.Stream,
                 container: av.container.InputContainer) -> bool:
    """MP4 shows its chapters as a track, too; its muxer makes that anew."""
    chapters = container.chapters()
    return (stream.type == 'data' and bool(chapters)
            and stream.frames == len(chapters)
            and stream.time_base == chapters[0]['time_base'])
