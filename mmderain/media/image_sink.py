"""Frames as images, in a folder or as one file."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from mmderain.files import digest, sync
from mmderain.media.frame_folder import mark_folder
from mmderain.media.frame_sink import UNFINISHED, make_folder
from mmderain.media.images import write_rgb
from mmderain.media.video_info import TimedFrame
from mmderain.unwritten import cannot_write


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
        make_folder(folder)

    def _segment(self, number: int) -> Path:
        return self.folder / f'{number:05d}'

    def begin(self, number: int) -> None:
        """Begin a segment.

        Raises:
            UserError: Its folder cannot be made.
        """
        self._open = self.folder / f'{number:05d}{UNFINISHED}'
        shutil.rmtree(self._open, ignore_errors=True)
        make_folder(self._open)

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

        Those of mmderain 0.1 were not kept apart and are made again.
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
        make_folder(joined)
        for path in images:
            _link_or_copy(path, joined / path.name)
        mark_folder(joined)
        return joined


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
        found.update(os.fsencode(path.name)
                     + f'\0{digest(path)}\n'.encode())
    return found.hexdigest()
