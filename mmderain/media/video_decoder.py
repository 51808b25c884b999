"""Decodes videos: frames as upright RGB, from any frame on."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import av
import numpy as np

from mmderain.errors import DataError
from mmderain.media.dropped_frames import Bad, DueFrames
from mmderain.media.frame_times import FrameTimes
from mmderain.media.hardware import Hardware, as_stored
from mmderain.media.packets import last_packet, packets_of
from mmderain.media.video_color import VideoColor
from mmderain.media.video_index import FrameIndex, stores_frames
from mmderain.media.video_info import (
    TimedFrame,
    VideoInfo,
    readable_video,
    video_stream,
)

OnBad = Callable[[str], None]
# how many key frames before the nearest one are tried
_RUN_UPS = 2
_EARLIER = 2


class _CannotEnter(Exception):
    """What is decoded after seeking is not what the index says."""


def read_frames(path: Path, info: VideoInfo, on_bad: OnBad | None = None,
                first: int = 0, index: FrameIndex | None = None,
                hardware: Hardware | None = None) -> Generator[TimedFrame]:
    """Read a video frame by frame.

    Args:
        path: The video.
        info: What ``read_info`` found.
        on_bad: Told of each frame that cannot be decoded, and of an end that
            comes too early; such frames are left out. Without it they are
            errors.
        first: Index of the first frame that is wanted.
        index: With it and without ``on_bad``, frames are decoded from a key
            frame before ``first`` on. Else, and where the file does not let
            itself be entered there, all are decoded and counted.
        hardware: That decodes; a CPU when None.

    Yields:
        TimedFrame: In the order in which they are shown.

    Raises:
        DataError: The file cannot be opened; without ``on_bad`` also what
            ``on_bad`` is told of.
    """
    # what files say of durations is of the order in which they store frames
    waiting = None
    for frame in _entered(path, info, on_bad, first, index, hardware):
        if waiting is not None:
            yield replace(waiting, duration=frame.pts - waiting.pts)
        waiting = frame
    if waiting is not None:
        left = 0 if info.end is None else info.end - waiting.pts
        yield replace(waiting, duration=left) if left > 0 else waiting


def _entered(path: Path, info: VideoInfo, on_bad: OnBad | None, first: int,
             index: FrameIndex | None, hardware: Hardware | None
             ) -> Iterator[TimedFrame]:
    if index is not None and on_bad is None and first:
        if first >= len(index):
            return
        for run_up in range(_RUN_UPS):
            try:
                yield from _decoded_from(path, info, first, index, run_up,
                                         hardware)
            except _CannotEnter:
                continue  # nothing was handed out
            return
    yield from _decoded(path, info, on_bad, first, hardware)


def _decoded_from(path: Path, info: VideoInfo, first: int,
                  index: FrameIndex, run_up: int, hardware: Hardware | None
                  ) -> Iterator[TimedFrame]:
    """From a key frame on; the time stamps tell which frame is which.

    Frames that are shown before the key frame and stored after it may need
    frames that were not read. Some decoders stumble over them; a run-up from
    key frames before it gives them what they need.
    """
    key = int(np.searchsorted(index.keys, first, 'right')) - 1
    if key < run_up:
        raise _CannotEnter
    wanted = int(index.keys[key])
    key_pts = int(index.pts[wanted])
    count = int(index.packets[key - run_up])

    def bad(message: str, error: Exception | None = None) -> None:
        if wanted <= first:
            raise _CannotEnter from error
        _raise_bad(path, message, error)

    with readable_video(path, hardware=hardware) as container:
        for packet in _packets_from(container, index, key - run_up, bad):
            count += bool(packet.size)
            try:
                frames = packet.decode()
            except av.error.InvalidDataError as error:
                if packet.pts is not None and packet.pts < key_pts:
                    continue
                bad(f'packet {count} cannot be decoded ({error.strerror}).',
                    error)
            for frame in frames:
                if frame.pts is not None and frame.pts < key_pts:
                    continue
                if index.number(frame.pts) != wanted or frame.is_corrupt:
                    bad(f'frame {wanted} is damaged or missing.')
                _check_size(frame, info, wanted, bad)
                wanted += 1
                if wanted > first:
                    yield _timed(frame, info, frame.pts, wanted - 1)
        if wanted < len(index):
            bad(f'it has {len(index)} frames, but only {wanted} can be '
                'decoded.')


def _packets_from(container: av.container.InputContainer, index: FrameIndex,
                  key: int, bad: Bad) -> Iterator[av.Packet]:
    """The packets from a key frame on."""
    if index.packets[key] == 0:
        return _packets(container, bad)
    stream = video_stream(container)
    pts = int(index.pts[index.keys[key]])
    # some demuxers look for the time of decoding, which is earlier
    for target in index.pts[index.keys[max(0, key - _EARLIER):key + 1]][::-1]:
        try:
            container.seek(int(target), stream=stream)
        except av.error.FFmpegError as error:
            raise _CannotEnter from error
        packets = _packets(container, bad)
        for packet in packets:
            if packet.pts is None or packet.pts > pts:
                break  # it was passed by
            if packet.pts == pts and packet.is_keyframe:
                return chain([packet], packets)
    raise _CannotEnter


def _decoded(path: Path, info: VideoInfo, on_bad: OnBad | None, first: int,
             hardware: Hardware | None) -> Iterator[TimedFrame]:
    """All frames from the beginning on; those before ``first`` are counted."""

    def bad(message: str, error: Exception | None = None) -> None:
        if on_bad is None:
            _raise_bad(path, message, error)
        on_bad(message)

    count = packets = 0
    last = None
    with readable_video(path, hardware=hardware) as container:
        stream = video_stream(container)
        due = DueFrames(bad, stores_frames(container, stream),
                        bool(stream.codec_context.has_b_frames))
        times = FrameTimes(container)
        for packet in _packets(container, bad):
            packets += bool(packet.size)
            due.expect(packet)
            times.expect(packet)
            try:
                frames = packet.decode()
            except av.error.InvalidDataError as error:
                due.forget(packet)
                times.forget(packet)
                bad(f'packet {packets}, after {count} frames, cannot be '
                    f'decoded ({error.strerror}).', error)
                continue
            for frame in frames:
                due.came(frame)
                count += 1
                pts = times.of(frame)
                if frame.is_corrupt:
                    bad(f'frame {count - 1} is damaged.')
                    continue
                if not _check_size(frame, info, count - 1, bad):
                    continue
                # a time stamp of the past would break every player
                last = pts if last is None else max(last + 1, pts)
                if count > first:
                    yield _timed(frame, info, last, count - 1)
        due.close()
    if info.num_frames and packets < info.num_frames:
        bad(f'it says it has {info.num_frames} frames but ends after '
            f'{packets}: it is truncated.')


def _raise_bad(path: Path, message: str, error: Exception | None) -> None:
    raise DataError(f'{path}: {message} Replace the file, or leave such '
                    'frames out (--skip-bad-frames).') from error


def _check_size(frame: av.VideoFrame, info: VideoInfo, number: int,
                bad: Bad) -> bool:
    fits = (frame.width, frame.height) == (info.width, info.height)
    if not fits:
        bad(f'frame {number} is {frame.width}x{frame.height} pixels, the '
            f'first one {info.width}x{info.height}.')
    return fits


def _timed(frame: av.VideoFrame, info: VideoInfo, pts: int,
           number: int) -> TimedFrame:
    stored = as_stored(frame)
    # recordings that were joined may say another thing in each part
    image = VideoColor.of(stored).to_rgb(stored)
    if info.turns:
        image = np.ascontiguousarray(np.rot90(image, info.turns))
    return TimedFrame(image, pts, frame.duration or 0, number)


def _packets(container: av.container.InputContainer,
             bad: Bad) -> Iterator[av.Packet]:
    stream = video_stream(container)
    # else decoders make something up for what is damaged and say nothing
    stream.codec_context.options = {'err_detect': 'explode'}
    packets = packets_of(container, stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.InvalidDataError as error:
            bad(f'the file cannot be read on ({error.strerror}).', error)
            yield last_packet(stream)
            return
        if packet is None:
            return
        yield packet
