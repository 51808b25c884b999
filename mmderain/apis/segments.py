"""Segments of an output: each can be made without those before it."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mmderain.apis.crew import Tell
from mmderain.apis.mixing import Mixer
from mmderain.apis.output_tracks import MAIN, PREVIEW, OutputTracks
from mmderain.errors import UserError
from mmderain.inference.clip_part import ClipPart
from mmderain.inference.frame_sink import preview
from mmderain.inference.video_io import TimedFrame

if TYPE_CHECKING:
    from mmderain.apis.inferencer import DerainInferencer
    from mmderain.apis.loaded_model import DerainedFrame


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
    """

    frames: int
    change: float
    left: int
    begin: int
    end: int
    guarded: int = 0


@dataclass(frozen=True)
class SegmentWork:
    """How to make the segments of an output, in whatever process.

    Args:
        part: What is derained.
        tracks: What is written.
        folder: Gets the segments.
        tile: Of the derainer.
    """

    part: ClipPart
    tracks: OutputTracks
    folder: Path
    tile: tuple[int, int] | None

    @contextmanager
    def begin(self, inferencer: 'DerainInferencer',
              tell: Tell) -> Iterator['SegmentMaker']:
        """Get ready to make segments.

        Raises:
            UserError: Options are wrong, or something cannot be written.
        """
        inferencer.set_tile(
            self.tile, *self.part.source.info.upright_size)
        with closing(SegmentMaker(self, inferencer, tell)) as maker:
            yield maker


class SegmentMaker:
    """Makes segments; best one after the other.

    Args:
        work: Which ones.
        inferencer: Restores the frames.
        tell: Told of progress.
    """

    def __init__(self, work: SegmentWork, inferencer: 'DerainInferencer',
                 tell: Tell) -> None:
        self.part, self.options = work.part, work.tracks.options
        self.inferencer, self.tell = inferencer, tell
        self.sinks = work.tracks.sinks(work.folder)
        self.mixer = Mixer(
            self.options.strength, self.options.leave_below,
            self.options.mask, self.part.source.info.upright_size)
        self._frames: Generator[TimedFrame] | None = None
        self._results: Iterator[DerainedFrame] = iter(())
        self._next: int | None = None

    def __call__(self, number: int) -> Segment | None:
        """Make a segment.

        Returns:
            What it is; None where the clip ends before it.

        Raises:
            UserError: A frame cannot be read, or nothing can be written.
        """
        if number != self._next:
            self._enter(number)
        first = next(self._results, None)
        if first is None:
            return None
        segment = self._write(number, chain([first], islice(
            self._results, self.options.segment_frames - 1)))
        self._next = number + 1
        return segment

    def close(self) -> None:
        """Close the source."""
        self._next = None
        if self._frames is not None:
            self._frames.close()

    def _enter(self, number: int) -> None:
        """Go to the beginning of a segment.

        The clip is entered early enough that the frames are those of a run
        from its beginning.
        """
        self.close()
        skip = number * self.options.segment_frames
        entry = self.inferencer.derainer.restart_frame(skip)
        self._frames = self.part.read(
            lambda message: self.tell('note', message), entry)
        self._results = islice(
            self.inferencer.stream(self._frames, self.options.save_maps),
            skip - entry, None)

    def _write(self, number: int,
               results: Iterator['DerainedFrame']) -> Segment:
        segment = None
        for sink in self.sinks.values():
            sink.begin(number)
        try:
            for result in results:
                image, weight = self.mixer.mix(result.source.image,
                                               result.image)
                segment = _added(segment, result, weight, float(np.abs(
                    image.astype(np.int16) - result.source.image).mean()))
                self._write_frame(result, image, segment.begin)
                self.tell('frames', 1)
        except BaseException:
            for sink in self.sinks.values():
                with suppress(UserError):  # the first error is the one to tell
                    sink.abandon()
            raise
        for name in reversed(self.sinks):
            self.sinks[name].end(number)
        return segment

    def _write_frame(self, result: 'DerainedFrame', image: np.ndarray,
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


def _added(segment: Segment | None, result: 'DerainedFrame', weight: float,
           change: float) -> Segment:
    frame = result.source
    before = segment or Segment(0, 0, 0, frame.pts, 0)
    return Segment(before.frames + 1, before.change + change,
                   before.left + (weight == 0), before.begin,
                   frame.pts + frame.duration,
                   before.guarded + (result.guarded > 0))
