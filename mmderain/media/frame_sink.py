"""Where frames go, segment by segment, beside the output.

Nothing appears under the output's own name before all of it is there, and
nothing is called finished before it was read again.
"""

import re
import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from mmderain.media.video_info import TimedFrame
from mmderain.unwritten import cannot_write

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


def make_folder(folder: Path) -> None:
    """Make a folder for a sink.

    Raises:
        UserError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def remove_segments(folder: Path) -> None:
    """Remove what a sink made in its folder, and the folder if it is empty.

    What somebody else has put there stays. Segments may have been moved to
    another disk, with a link to them here.
    """
    for path in folder.iterdir():
        if _OWN.fullmatch(path.name):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.resolve().rmdir()
        if folder.is_symlink():
            folder.unlink()
