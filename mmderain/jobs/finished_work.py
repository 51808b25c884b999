"""What is finished of an output: segments, and outputs in their place."""

from pathlib import Path

from mmderain.errors import UnwrittenError
from mmderain.jobs.outputs import OutputTracks
from mmderain.jobs.parts_folder import PartsFolder
from mmderain.jobs.segments import Segment
from mmderain.media.frame_folder import output_fingerprint
from mmderain.media.frame_source import count_frames


class FinishedWork:
    """Compares what is noted of a job with what is on the disk.

    Args:
        parts: Where it is noted.
        tracks: What the job writes.
    """

    def __init__(self, parts: PartsFolder, tracks: OutputTracks) -> None:
        self._parts = parts
        self._tracks = tracks

    @property
    def segments(self) -> dict[int, Segment]:
        """Number of each finished segment -> what it is."""
        return {number: Segment(*item)
                for number, item in self._parts.segments.items()}

    @property
    def frames(self) -> int:
        """Frames of finished segments."""
        return sum(item.frames for item in self.segments.values())

    def check(self) -> list[int]:
        """Forget segments that are not as they were written; which ones."""
        sinks = self._tracks.sinks(self._parts.path)
        return self._parts.keep_whole(lambda number, known, files: all(
            sink.holds(number, Segment(*known).frames, files.get(track))
            for track, sink in sinks.items()))

    def check_kept(self) -> None:
        """Refuse to join what has been changed since it was made.

        Raises:
            UnwrittenError: A segment was changed or removed.
        """
        lost = self.check()
        if lost:
            raise UnwrittenError(
                f'{self._parts.path}: expected what was finished, but segment '
                f'{lost[0]:05d} has been changed or removed during the work. '
                'Nothing but this command may change that folder meanwhile.')

    @property
    def is_placed(self) -> bool:
        """Whether an earlier run has put all outputs in their place.

        It was killed while it removed what is needed no more.
        """
        return len(self.placed()) == len(self._tracks.targets)

    def placed(self) -> list[Path]:
        """Outputs that an earlier run of the job has put in their place."""
        targets = self._tracks.targets
        if self._parts.is_of_0_1:
            # which noted nothing; there is one if all was done but the record
            return [path for path in targets.values()
                    if self.segments and count_frames(path) == self.frames]
        return [path for track, path in targets.items()
                if track in self._parts.placed
                and output_fingerprint(path) == self._parts.placed[track]]
