"""What a browser shows of a job: before, after and the drops, side by side.

One video for all of them, so that they cannot run apart; H.264 that every
browser plays, whatever was uploaded.
"""

from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np

from mmderain.files import place, write_whole
from mmderain.jobs.outputs import PREVIEW
from mmderain.media.encoding import Encoding
from mmderain.media.frame_source import FrameSource, open_source
from mmderain.media.video_color import VideoColor
from mmderain.media.video_encoder import FrameEncoder, writing
from mmderain.media.video_info import TimedFrame, VideoInfo, ffmpeg_name

# maps that say where drops are
_DROP_MAPS = ('drops', 'drop_mask')
_LONGEST_SIDE = 1280  # of each; three fit into what decoders take
_BT709 = 1
_KEY_FRAMES = 15  # the slider of time jumps to any


def track(result: Path, name: str) -> Path:
    """What was written beside a result under the name of a track."""
    return result.with_name(f'{result.stem}.{name}{result.suffix}')


def drop_map(result: Path) -> Path | None:
    """The map of drops beside a result, if there is one."""
    return next((path for name in _DROP_MAPS
                 if (path := track(result, name)).is_file()), None)


def view_of(result: Path) -> Path | None:
    """What shows a result, beside it, if that was written."""
    return next((path for suffix in ('.mp4', '.png') if (
        path := result.with_name(f'view{suffix}')).is_file()), None)


def write_view(result: Path,
               count: Callable[[int], object] = lambda more: None) -> Path:
    """Write what the page shows: ``view.mp4``, or ``view.png`` of a picture.

    Args:
        result: Of a job that also wrote ``--preview side``, and perhaps maps.
        count: Told how many more frames are done.

    Raises:
        UserError: It cannot be read or written.
    """
    preview = open_source(track(result, PREVIEW))
    drops = drop_map(result)
    panels = [preview] if drops is None else [preview, open_source(drops)]
    height, width = preview.info.upright_size
    aspect = preview.info.aspect or 1
    size = _size(float(width / 2 * aspect), height)
    with ExitStack() as stack:
        frames = _side_by_side([
            stack.enter_context(closing(panel.read())) for panel in panels],
            size)
        if preview.is_video:
            count_of_panels = 1 + len(panels)
            return _write_video(result.with_name('view.mp4'), frames, preview,
                                (size[0] * count_of_panels, size[1]), count)
        return _write_picture(result.with_name('view.png'),
                              next(frames).image)


def _size(width: float, height: float) -> tuple[int, int]:
    """Of each, in even numbers, as 4:2:0 needs them."""
    scale = min(1, _LONGEST_SIDE / max(width, height))
    return tuple(max(2, round(side * scale / 2) * 2)
                 for side in (width, height))


def _side_by_side(panels: list[Generator[TimedFrame]],
                  size: tuple[int, int]) -> Generator[TimedFrame]:
    """Frames in which the panels are scaled; the first holds two of them."""
    for preview, *drops in zip(*panels, strict=True):
        images = [*np.split(preview.image, 2, axis=1),
                  *(frame.image for frame in drops)]
        yield replace(preview, image=np.hstack([
            cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            for image in images]))


def _write_picture(path: Path, image: np.ndarray) -> Path:
    _, content = cv2.imencode('.png', image[..., ::-1])
    write_whole(path, content.tobytes(), durable=False)
    return path


def _write_video(path: Path, frames: Generator[TimedFrame],
                 source: FrameSource, size: tuple[int, int],
                 count: Callable[[int], object]) -> Path:
    info = VideoInfo(
        *size, source.info.time_base, source.info.rate, None, 'yuv420p',
        VideoColor(_BT709, 1, _BT709, _BT709, size[1]))
    encoding = Encoding('h264', crf=20, preset='veryfast')
    unfinished = path.with_suffix('.unfinished')
    with writing(path), av.open(
            ffmpeg_name(unfinished), 'w', format='mp4',
            options={'movflags': 'faststart'}) as container:
        encoder = FrameEncoder(
            container, info, encoding.encoder(info).name,
            encoding.pixel_format(info), encoding.options(info), _KEY_FRAMES)
        for frame in frames:
            container.mux(encoder.encode(frame))
            count(1)
        container.mux(encoder.encode(None))
    place(unfinished, path)
    return path
