"""How long a video will take: a few of its frames are derained for nothing.

They are read, restored, mixed and encoded as those of the work will be.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from mmderain.jobs.derain_job import DerainJob
from mmderain.jobs.display import NOBODY
from mmderain.jobs.outlook import Outlook
from mmderain.jobs.segments import SegmentWork
from mmderain.media.clip_part import ClipPart
from mmderain.media.video_decoder import OnBad
from mmderain.media.video_info import TimedFrame

_SECONDS = 5.0  # that it takes, if the frames that a window needs take less
_MOST = 200  # frames


class Speed(NamedTuple):
    """What came of it.

    Args:
        seconds: For each frame.
        frames: That were tried.
    """

    seconds: float
    frames: int


def try_frames(job: DerainJob, outlook: Outlook) -> Speed:
    """Derain the first frames of a job's part, in this process.

    Raises:
        UserError: They cannot be read, restored or encoded.
    """
    least = max(stage.window_length for stage in job.restorer.stages)
    counter = _Counter(least)
    part = _FirstFrames(job.part.source, job.part.start, None,
                        job.part.skips_bad, counter)
    tracks = replace(job.tracks, options=replace(
        job.options, segment_frames=_MOST))
    with TemporaryDirectory() as folder:
        work = SegmentWork(part, tracks, Path(folder), outlook.tile,
                           outlook.way)
        with work.begin(job.restorer, NOBODY) as make:
            counter.began = time.monotonic()
            make(0)
            seconds = time.monotonic() - counter.began
    return Speed(seconds / max(counter.frames, 1), counter.frames)


@dataclass
class _Counter:
    """Counts frames, and says when there are enough."""

    least: int
    frames: int = 0
    began: float = 0.0

    def is_enough(self) -> bool:
        """Whether no more are needed."""
        return self.frames >= self.least and (
            self.frames >= _MOST
            or time.monotonic() - self.began > _SECONDS)


@dataclass(frozen=True)
class _FirstFrames(ClipPart):
    """A part of a clip that ends where there are enough frames."""

    counter: _Counter | None = None

    def read_on(self, first: int, on_bad: OnBad | None = None
                ) -> Generator[TimedFrame]:
        """Read on, but not far."""
        for frame in super().read_on(first, on_bad):
            self.counter.frames += 1
            yield frame
            if self.counter.is_enough():
                return
