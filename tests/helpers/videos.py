"""Small videos with everything that a camera may put into one."""

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import torch

from mmderain.checkpoints import describe
from mmderain.methods import METHODS

SIZE = (48, 64)
TIME_BASE = Fraction(1, 90000)


def pictures(count: int, size: tuple[int, int] = SIZE,
             seed: int = 0) -> list[np.ndarray]:
    """A soft picture that moves, and a mark that tells frames apart."""
    rng = np.random.default_rng(seed)
    base = cv2.resize(rng.integers(40, 200, (6, 8, 3), np.uint8), size[::-1],
                      interpolation=cv2.INTER_CUBIC)
    frames = []
    for index in range(count):
        frame = np.roll(base, index, axis=1)
        frame[:12, :12] = 20 * (index % 10) + 20
        frames.append(frame)
    return frames


def write_video(path: Path, frames: list[np.ndarray], codec: str = 'libx264',
                pixel_format: str = 'yuv420p',
                pts: list[int] | None = None, rotation: int = 0,
                tags: dict | None = None, extras: bool = False,
                options: dict | None = None) -> Path:
    """Encode frames; with extras also sound, subtitles, GPS and a chapter."""
    # the start of a stream would be rounded to milliseconds
    exact = {'movie_timescale': '90000'} if path.suffix == '.mp4' else {}
    with av.open(str(path), 'w', options=exact) as container:
        video = container.add_stream(codec, rate=30, options=options or {})
        first = frames[0]
        video.height, video.width = (
            (first.height, first.width) if isinstance(first, av.VideoFrame)
            else first.shape[:2])
        video.pix_fmt = pixel_format
        video.codec_context.time_base = TIME_BASE
        for name, value in (tags or {}).items():
            setattr(video.codec_context, name, value)
        if rotation:
            video.set_display_rotation(rotation)
        others = _add_extras(container) if extras else None
        container.start_encoding()
        pts = pts or [3000 * index for index in range(len(frames))]
        for image, stamp in zip(frames, pts, strict=True):
            frame = image if isinstance(image, av.VideoFrame) else (
                av.VideoFrame.from_ndarray(image, format='rgb24'))
            frame.pts, frame.time_base = stamp, TIME_BASE
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if others:
            _mux_extras(container, *others)
    return path


def with_index_first(path: Path, output: Path) -> Path:
    """Copy the pictures of a video into an MP4 that can be read as it comes.
    """
    return copy_pictures(path, output, movflags='faststart')


def copy_pictures(path: Path, output: Path, **options: str) -> Path:
    """Copy the pictures of a video as they are, by options of a muxer."""
    with av.open(str(path)) as source, av.open(
            str(output), 'w', options=options) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    return output


def _add_extras(container):
    audio = container.add_stream('aac', rate=48000, layout='mono')
    subtitle = container.add_mux_stream('mov_text',
                                        time_base=Fraction(1, 1000))
    data = container.add_data_stream('bin_data')
    container.metadata['title'] = 'a rainy road'
    container.set_chapters([dict(
        id=1, start=0, end=500, time_base=Fraction(1, 1000),
        metadata={'title': 'first'})])
    return audio, subtitle, data


def _mux_extras(container, audio, subtitle, data):
    rng = np.random.default_rng(0)
    for index in range(30):
        sound = rng.normal(0, 0.1, (1, 1024)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(sound, format='fltp',
                                           layout='mono')
        frame.sample_rate, frame.pts = 48000, 1024 * index
        container.mux(audio.encode(frame))
    container.mux(audio.encode())
    for stream, content in ((subtitle, b'\0\2hi'), (data, b'gps')):
        for index in range(2):
            packet = av.Packet(content)
            packet.stream = stream
            packet.time_base = Fraction(1, 1000)
            packet.pts = packet.dts = 500 * index
            packet.duration = 400
            container.mux(packet)


def packets(path: Path, without_video: bool = True) -> dict:
    """Kind of stream -> what each packet holds and when."""
    found = defaultdict(list)
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.size and not (without_video
                                    and packet.stream.type == 'video'):
                found[packet.stream.type].append((
                    packet.pts * packet.time_base,
                    (packet.duration or 0) * packet.time_base,
                    bytes(packet)))
    return dict(found)


def times(path: Path) -> list[Fraction]:
    """When the frames are shown."""
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base
                for frame in container.decode(video=0)]


def decoded(path: Path, pixel_format: str = 'rgb24') -> list[np.ndarray]:
    """The frames as they are stored."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format=pixel_format)
                for frame in container.decode(video=0)]


def marks(path: Path) -> list[int]:
    """The last digits of the frames' numbers; see :func:`pictures`."""
    return [round((float(np.median(frame[4:8, 4:8])) - 20) / 20)
            for frame in decoded(path)]


def write_checkpoint(path: Path, method: str = 'eevrsr',
                     **arguments) -> Path:
    """Random weights of a method's network, in a file that says so."""
    torch.manual_seed(0)
    entry = METHODS[method]
    network = entry.build_network(**arguments)
    said = describe(dict(type=type(network).__name__,
                         **{**entry.arguments, **arguments}))
    torch.save(dict(
        meta=dict(mmderain=said),
        state_dict={f'generator.{name}': value
                    for name, value in network.state_dict().items()}), path)
    return path
