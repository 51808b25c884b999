"""Which videos of an archive its workers share, segment by segment."""

from dataclasses import dataclass

from mmderain.errors import UserError
from mmderain.jobs.archive_list import Entry
from mmderain.jobs.segment_queue import segments_of
from mmderain.jobs.workers import FleetWorkers
from mmderain.media.frame_source import open_source
from mmderain.restorer import Restorer


@dataclass(frozen=True)
class Sharing:
    """Finds those that would keep one worker busy when the rest is done.

    Args:
        restorer: Restores the frames.
        workers: Who would share them.
        total: Bytes of all inputs.
        segment_frames: Frames of a segment.
    """

    restorer: Restorer
    workers: FleetWorkers
    total: int
    segment_frames: int

    def pays(self, entry: Entry, size: int) -> bool:
        """Whether a video is more than one worker's part of the whole.

        What is copied from or to a store is done by one worker, and what
        computes on GPUs elsewhere as well: segments have to be of one kind.

        Args:
            entry: The video.
            size: Its bytes.
        """
        if (size * self.workers.size <= self.total or entry.is_stored
                or self.workers.device != 'cpu' or self.restorer.keeps_state):
            return False
        try:
            frames = open_source(entry.source).num_frames or 0
        except (UserError, OSError):
            return False  # which the work will say
        return segments_of(frames, self.segment_frames) >= self.workers.size
