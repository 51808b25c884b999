"""Segments of an output: each can be made without those before it."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice, takewhile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmderain.errors import UserError
from mmderain.jobs.mixing import Mixer
from mmderain.jobs.options import DerainReport
from mmderain.jobs.outputs import MAIN, PREVIEW, OutputTracks
from mmderain.jobs.workers import Progress
from mmderain.media.clip_part import ClipPart
from mmderain.media.encoder_process import EncoderDiedError
from mmderain.media.preview import preview
from mmderain.media.video_info import TimedFrame
from mmderain.restorer import DerainedFrame, Restorer, Tile


class Segment(NamedTuple):
    """What is known of a finished segment.

    Args:
        frames: How many.
        change: Sum of the frames' mean changes, in levels of 255.
        left: How many frames were left as they are.
        begin: Time stamp of the first frame in the source.
        end: When the last one ends.
        guarded: How many frames the derainer's guard gave back, at least in
            part.
        wet: How many frames had drops on the lens that were filled.
        drops: Their number, summed over these frames.
        covered: The part of the frame that they covered, summed likewise.
    """

    frames: int
    change: float
    left: int
    begin: int
    end: int
    guarded: int = 0
    wet: int = 0
    drops: int = 0
    covered: float = 0.0


class MadeSegment(NamedTuple):
    """A segment that was just finished.

    Args:
        segment: What is known of it.
        files: Name of a track -> what its file is known by.
    """

    segment: Segment
    files: dict[str, str]


@dataclass(frozen=True)
class SegmentWork:
    """How to make the segments of an output, in whatever process.

    Args:
        part: What is derained.
        tracks: What is written.
        folder: Gets the segments.
        tile: Of the derainer.
        way: What computes, and in which precision.
    """

    part: ClipPart
    tracks: OutputTracks
    folder: Path
    tile: Tile
    way: Mapping[str, str]

    @contextmanager
    def begin(self, restorer: Restorer,
              progress: Progress) -> Iterator['SegmentMaker']:
        """Get ready to make segments.

        Raises:
            UserError: Options are wrong, or something cannot be written.
        """
        restorer.computing.way = self.way
        try:
            with closing(SegmentMaker(self, restorer, progress)) as maker:
                yield maker
        finally:
            restorer.computing.way = restorer.computing.chosen_way()


class SegmentMaker:
    """Makes segments; best one after the other.

    Args:
        work: Which ones.
        restorer: Restores the frames.
        progress: Told how it is getting on.
    """

    def __init__(self, work: SegmentWork, restorer: Restorer,
                 progress: Progress) -> None:
        self.part, self.options = work.part, work.tracks.options
        self.restorer, self.progress = restorer, progress
        size = work.part.source.info.upright_size
        self.spec = restorer.spec(work.tile, *size)
        self.sinks = work.tracks.sinks(work.folder)
        self.mixer = Mixer(
            self.options.strength, self.options.leave_below,
            self.options.mask, size)
        self._stream: Generator[DerainedFrame] = (_ for _ in ())
        self._results: Iterator[DerainedFrame] = iter(())
        self._next: int | None = None
        self._counted = 0  # frames of the segment that is being made

    def __call__(self, number: int) -> MadeSegment | None:
        """Make a segment.

        Returns:
            What it is; None where the clip ends before it.

        Raises:
            UserError: A frame cannot be read, or nothing can be written.
        """
        try:
            return self._make(number)
        except EncoderDiedError as error:
            self._abandon()
            self._next = None
            self.progress.frames(-self._counted)
            self.progress.note(f'segment {number} is made again, once: '
                               f'{error}')
            return self._make(number)

    def close(self) -> None:
        """Close the source."""
        self._next = None
        self._results = iter(())
        self._stream.close()

    def _make(self, number: int) -> MadeSegment | None:
        if number != self._next:
            self._enter(number)
        first = next(self._results, None)
        if first is None:
            return None
        made = self._write(number, chain([first], islice(
            self._results, self.options.segment_frames - 1)))
        self._next = number + 1
        return made

    def _enter(self, number: int) -> None:
        """Go to the beginning of a segment.

        The clip is entered early enough, and read on after its part, that the
        frames are those of a run over the whole clip.
        """
        self.close()
        first = self.part.first + number * self.options.segment_frames

        def read(entry: int) -> Generator[TimedFrame]:
            return self.part.read_on(entry, lambda message: (
                self.progress.note(f'left out: {message}')))

        self._stream = self.restorer.stream_from(
            first, read, self.spec, self.options.save_maps)
        self._results = takewhile(
            lambda result: not self.part.is_over(result.source), self._stream)

    def _write(self, number: int,
               results: Iterator[DerainedFrame]) -> MadeSegment:
        segment, self._counted = None, 0
        for sink in self.sinks.values():
            sink.begin(number)
        try:
            for result in results:
                image, weight = self.mixer.mix(result.source.image,
                                               result.image)
                segment = add_result(segment, result, weight, image)
                self._write_frame(result, image, segment.begin)
                self.progress.frames(1)
                self._counted += 1
        except BaseException:
            self._abandon()
            raise
        return MadeSegment(segment, {
            name: self.sinks[name].end(number)
            for name in reversed(self.sinks)})

    def _abandon(self) -> None:
        for sink in self.sinks.values():
            with suppress(UserError):  # the first error is the one to tell
                sink.abandon()

    def _write_frame(self, result: DerainedFrame, image: np.ndarray,
                     begin: int) -> None:
        frame = result.source
        pictures = {MAIN: image, **result.maps}
        if self.options.preview:
            pictures[PREVIEW] = preview(frame.image, image,
                                        self.options.preview)
        for track, picture in pictures.items():
            if picture.ndim == 2:
                picture = np.repeat(picture[..., None], 3, axis=2)
            self.sinks[track].write(
                TimedFrame(picture, frame.pts - begin, frame.duration),
                self.part.source.frame_name(frame))


def add_result(segment: Segment | None, result: DerainedFrame, weight: float,
               image: np.ndarray) -> Segment:
    """A segment with one frame more.

    Args:
        segment: What there was; None for nothing.
        result: The frame and its result.
        weight: As mixed; 0 where the frame was left as it is.
        image: What was made of it.
    """
    frame = result.source
    change = float(np.abs(image.astype(np.int16) - frame.image).mean())
    before = segment or Segment(0, 0, 0, frame.pts, 0)
    return Segment(before.frames + 1, before.change + change,
                   before.left + (weight == 0), before.begin,
                   frame.pts + frame.duration,
                   before.guarded + (result.guarded > 0),
                   before.wet + (result.drops > 0),
                   before.drops + result.drops,
                   before.covered + result.covered)


def report_of(output: str, segments: Sequence[Segment], derained: int,
              seconds: float, notes: Sequence[str],
              restorer: Restorer) -> DerainReport:
    """What was done, of an output that has these segments.

    Args:
        output: What was written.
        segments: One at least.
        derained: Frames that were made in this run.
        seconds: That this run took.
        notes: What else is to be said.
        restorer: That made the frames.
    """
    def total(name: str) -> float:
        return sum(getattr(item, name) for item in segments)

    frames = total('frames')
    return DerainReport(
        output, frames, derained, seconds, total('change') / frames,
        total('left'), tuple(notes), total('guarded'), total('wet'),
        total('drops'), total('covered'),
        any(stage.finds_drops and frames >= stage.window_length
            for stage in restorer.stages))
