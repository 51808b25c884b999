"""Where frames go: segments of a video or of images, beside the output.

Nothing appears under the output's own name before all of it is there, and
nothing is called finished before it was read again.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from mmderain.errors import UserError
from mmderain.files import cannot_write, digest, sync
from mmderain.media.frame_folder import mark_folder
from mmderain.media.images import write_rgb
from mmderain.media.video_check import check_joined, check_segment
from mmderain.media.video_encoder import Encoding, VideoEncoder
from mmderain.media.video_info import TimedFrame, VideoInfo
from mmderain.media.video_join import Copied, join_segments

UNFINISHED = '.unfinished'
# the names of all that sinks make
_OWN = re.compile(r'\d{5}(\.unfinished)?(\.mp4)?|joined(\.\w+)?')


class FrameSink(Protocol):
    """Writes one output, segment by segment."""

    target: Path

    def begin(self, number: int) -> None:
        """Begin a segment."""

    def write(self, frame: TimedFrame, name: str) -> None:
        """Add a frame to it."""

    def end(self, number: int) -> str:
        """Finish it and read it again; what it is known by."""

    def abandon(self) -> None:
        """Close it without calling it finished."""

    def holds(self, number: int, frames: int, known: str | None) -> bool:
        """Whether a finished segment is still what it was."""

    def join(self, starts: Sequence[Fraction], frames: Sequence[int]) -> Path:
        """Put all segments together, beside the output; where."""


class VideoSink:
    """A video in segments, joined at the end by copying packets.

    A segment is a whole video of its own and can be played; the one that is
    being written is called ``unfinished`` and can be played as far as it got.

    Args:
        folder: Of the segments.
        target: The video.
        info: Size, time base and colours.
        encoding: Codec and quality.
    """

    # What comes from the source beside the frames; known at the end.
    copied: Copied | None = None

    def __init__(self, folder: Path, target: Path, info: VideoInfo,
                 encoding: Encoding) -> None:
        self.folder = folder
        self.target = target
        self.info = info
        self.encoding = encoding
        self._encoder: VideoEncoder | None = None
        self._frames = 0
        _make(folder)

    def _segment(self, number: int) -> Path:
        return self.folder / f'{number:05d}.mp4'

    def begin(self, number: int) -> None:
        """Begin a segment."""
        self._frames = 0
        self._encoder = VideoEncoder(
            self.folder / f'{number:05d}{UNFINISHED}.mp4', self.info,
            self.encoding)

    def write(self, frame: TimedFrame, name: str) -> None:
        """Add a frame to the segment.

        Raises:
            UserError: The file cannot be written.
        """
        self._encoder.write(frame)
        self._frames += 1

    def end(self, number: int) -> str:
        """Finish the segment and read it again.

        Returns:
            str: Its digest.

        Raises:
            UserError: It cannot be written, or not completely.
        """
        path = self._encoder.path
        self.abandon()
        sync(path)
        check_segment(path, self._frames)
        known = digest(path)
        os.replace(path, self._segment(number))
        return known

    def abandon(self) -> None:
        """Close the segment without calling it finished."""
        encoder, self._encoder = self._encoder, None
        if encoder is not None:
            encoder.close()

    def holds(self, number: int, frames: int, known: str | None) -> bool:
        """Whether a finished segment is still what it was.

        Args:
            number: Of the segment.
            frames: How many it should have.
            known: Its digest; None where mmderain 0.1 made it, which noted
                none: then it is decoded.
        """
        path = self._segment(number)
        if not path.is_file():
            return False
        if known is not None:
            return digest(path) == known
        try:
            check_segment(path, frames)
        except UserError:
            return False
        return True

    def join(self, starts: Sequence[Fraction], frames: Sequence[int]) -> Path:
        """Join the segments, and read the result again.

        Args:
            starts: When each segment begins, in seconds.
            frames: How many each has.

        Returns:
            Path: The video, beside the segments.

        Raises:
            UserError: It cannot be written, or not completely.
        """
        joined = self.folder / f'joined{self.target.suffix}'
        packets = join_segments(
            [self._segment(number) for number in range(len(starts))], starts,
            joined, self.info.matrix, self.copied)
        sync(joined)
        check_joined(joined, packets, starts[-1], frames[-1])
        return joined


class ImageSink:
    """Frames as PNG files in a folder, or as one image.

    Args:
        folder: Gets a folder for each segment.
        target: A folder, or the one image's file.
    """

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder = folder
        self.target = target
        self._open: Path | None = None
        _make(folder)

    def _segment(self, number: int) -> Path:
        return self.folder / f'{number:05d}'

    def begin(self, number: int) -> None:
        """Begin a segment.

        Raises:
            UserError: Its folder cannot be made.
        """
        self._open = self.folder / f'{number:05d}{UNFINISHED}'
        shutil.rmtree(self._open, ignore_errors=True)
        _make(self._open)

    def write(self, frame: TimedFrame, name: str) -> None:
        """Write a frame.

        Raises:
            UserError: It cannot be written.
        """
        suffix = self.target.suffix or '.png'
        write_rgb(self._open / f'{name}{suffix}', frame.image)

    def end(self, number: int) -> str:
        """Finish the segment; its digest."""
        done, self._open = self._open, None
        for path in done.iterdir():
            sync(path)
        segment = self._segment(number)
        shutil.rmtree(segment, ignore_errors=True)
        os.replace(done, segment)
        return _folder_digest(segment)

    def abandon(self) -> None:
        """Leave the segment as it is."""
        self._open = None

    def holds(self, number: int, frames: int, known: str | None) -> bool:
        """Whether a finished segment is still what it was.

        Those of mmderain 0.1 were not kept apart and are made anew.
        """
        segment = self._segment(number)
        return segment.is_dir() and _folder_digest(segment) == known

    def join(self, starts: Sequence[Fraction], frames: Sequence[int]) -> Path:
        """Gather the images of all segments in one folder; the segments stay.

        Raises:
            UserError: There is no space, or images are missing.
        """
        images = [path for number in range(len(starts))
                  for path in sorted(self._segment(number).iterdir())]
        if self.target.suffix:
            image, = images
            return image
        joined = self.folder / 'joined'
        shutil.rmtree(joined, ignore_errors=True)
        _make(joined)
        for path in images:
            _link_or_copy(path, joined / path.name)
        mark_folder(joined)
        return joined


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        try:
            os.link(source, target)
        except FileExistsError:
            raise
        except OSError:  # a disk that knows no hard links
            shutil.copyfile(source, target)
    except OSError as error:
        raise cannot_write(target, error) from error


def _folder_digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        found.update(f'{path.name}\0{digest(path)}\n'.encode())
    return found.hexdigest()



def remove_segments(folder: Path) -> None:
    """Remove what a sink made in its folder, and the folder if it is empty.

    What somebody else has put there stays.
    """
    for path in folder.iterdir():
        if _OWN.fullmatch(path.name):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def preview(before: np.ndarray, after: np.ndarray, kind: str) -> np.ndarray:
    """Input and output in one picture.

    Args:
        before: (h, w, 3) uint8.
        after: The same.
        kind: 'side' by side, or 'split' at the middle, with a white line.
    """
    if kind == 'side':
        return np.concatenate([before, after], axis=1)
    middle = before.shape[1] // 2
    picture = after.copy()
    picture[:, :middle] = before[:, :middle]
    picture[:, middle - 1:middle + 1] = 255
    return picture


def upright_info(info: VideoInfo, width_factor: int = 1) -> VideoInfo:
    """For pictures that are stored as they are shown."""
    height, width = info.upright_size
    aspect = info.aspect
    if aspect and info.turns % 2:
        aspect = Fraction(1) / aspect
    return VideoInfo(
        width * width_factor, height, info.time_base, info.rate,
        info.num_frames, info.pixel_format, info.color, None, aspect)
