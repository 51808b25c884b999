"""One input to one output: in segments, so that nothing is lost by a kill."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mmderain.errors import DataError, UserError
from mmderain.files import place, resumable
from mmderain.jobs.anywhere import size_of
from mmderain.jobs.device_processes import workers_on
from mmderain.jobs.devices import check_devices
from mmderain.jobs.display import Bars, JobDisplay, ShownFrames
from mmderain.jobs.finished_work import FinishedWork
from mmderain.jobs.input_checks import (
    check_clock,
    check_whole_frames,
    notes_on_input,
)
from mmderain.jobs.mixing import Mixer
from mmderain.jobs.options import DerainOptions, DerainReport
from mmderain.jobs.outlook import Outlook
from mmderain.jobs.outputs import MAIN, OUTPUT_SUFFIXES, OutputTracks
from mmderain.jobs.parts_folder import PartsFolder
from mmderain.jobs.segment_queue import SegmentQueue
from mmderain.jobs.segments import (
    MadeSegment,
    Segment,
    SegmentWork,
    report_of,
)
from mmderain.jobs.settings import job_settings, known_by
from mmderain.jobs.workers import Workers
from mmderain.media.clip_part import ClipPart
from mmderain.media.containers import muxer_of
from mmderain.media.copied_streams import CopyPlan, plan_copies
from mmderain.media.frame_folder import output_fingerprint, place_folder
from mmderain.media.frame_source import open_source
from mmderain.media.hardware_trial import with_hardware
from mmderain.media.video_join import Copied
from mmderain.restorer import Restorer, Tile, said_of_tile


class DerainJob:
    """Derains one input into one output.

    Args:
        restorer: Restores the frames.
        source: A video, a folder of frames or an image.
        target: A video (``.mp4``, ``.mov``, ``.mkv``), a folder, or, for an
            image, an image.
        options: How.
        display: Shows how it is getting on; a bar when None, if the options
            want one.
        workers: Share the segments; those of the options' devices when None.
    """

    def __init__(self, restorer: Restorer, source: Path,
                 target: Path, options: DerainOptions,
                 display: JobDisplay | None = None,
                 workers: Workers | None = None) -> None:
        self.restorer = restorer
        self.target = target
        self.options = options = replace(
            options, encoding=options.encoding.into(target.suffix))
        self.source = open_source(source, options.rate)
        self._decoding: str | None = None  # what is to be said of it
        if options.hardware is not None:
            self.source, self._decoding = with_hardware(self.source,
                                                        options.hardware)
        self.part = ClipPart(self.source, options.start, options.end,
                             options.skip_bad_frames)
        self.tracks = OutputTracks(self.source, target, options,
                                   restorer.map_names)
        self.tracks.check()
        self.parts = PartsFolder(target)
        self.finished = FinishedWork(self.parts, self.tracks)
        self.input_known_by = known_by(source)
        self.notes: list[str] = []
        self._display = display or Bars(options.show_progress)
        self._workers = workers

    def run(self, on_complete: Callable[[DerainReport], None] | None = None
            ) -> DerainReport:
        """Do it, or what is left of it.

        Args:
            on_complete: Told when the output is in its place. A kill before
                it returns leaves work that can be resumed.

        Raises:
            UserError: The output is there already, something cannot be read
                or written. What was finished is kept for ``resume``.
        """
        began = time.monotonic()
        self._check()
        with self.parts.locked(self.options.resume,
                               self.options.overwrite):
            way = self._way()
            self.parts.check_settings(self._settings(way))
            is_placed = self.finished.is_placed
            if not is_placed:
                self.finished.check()
            before = self.finished.frames
            if not is_placed:
                with resumable():
                    self._make_outputs(way)
            segments = list(self.finished.segments.values())
            frames = sum(item.frames for item in segments)
            report = replace(report_of(
                str(self.target), segments, frames - before,
                time.monotonic() - began, self.notes, self.restorer),
                input_bytes=size_of(self.source.path),
                output_bytes=sum(map(size_of, self.tracks.targets.values())))
            if on_complete is not None:
                on_complete(report)
            self.parts.remove()
        return report

    def _make_outputs(self, way: dict[str, str]) -> None:
        """Make what is missing, and put it in its place."""
        copies = self._check_outputs(self.parts.path)
        with (workers_on(self.options.devices, self.restorer)
              if self._workers is None
              else nullcontext(self._workers)) as workers:
            tile = self._tile(workers)
            self.parts.note_tile(tile)
            self._make_segments(workers, SegmentWork(
                self.part, self.tracks, self.parts.path, tile, way))
        segments = list(self.finished.segments.values())
        if not segments:
            raise DataError(f'{self.source.path}: there are no frames '
                            'between --start and --end.')
        self._check_unchanged()
        self._finish(segments, copies)

    def look(self) -> Outlook:
        """Check all that :meth:`run` checks before its work; write nothing.

        Raises:
            UserError: As of :meth:`run`.
        """
        self._check()
        self.parts.look(self.options.resume, self.options.overwrite)
        way = self._way()
        self.parts.compare_settings(self._settings(way))
        if self.finished.segments and not self.finished.is_placed:
            self.finished.check()
        with TemporaryDirectory() as scratch:
            self._check_outputs(Path(scratch))
        return Outlook(self._total(), self.finished.frames, way,
                       self._tile(self.restorer))

    def _tile(self, chooser: Workers | Restorer) -> Tile:
        """That of what is finished; else the one that is asked for, or fits.

        Another one would give other frames.
        """
        size = self.source.info.upright_size
        if not self.parts.has_tile:
            return chooser.fit_tile(*size)
        tile = self.parts.known_tile
        asked = (tile if self.restorer.chooses_tile
                 else self.restorer.fit_tile(*size))
        if asked != tile:
            self._note(
                f'goes on in {said_of_tile(tile)}, as it was begun, not in '
                f'{said_of_tile(asked)} as asked for now; to have those, '
                f'stop, move {self.parts.path} away and start anew')
        return tile

    def _settings(self, way: Mapping[str, str]) -> dict:
        return job_settings(self.restorer, self.source, self.options, way)

    def _check_outputs(self, scratch: Path) -> CopyPlan | None:
        """Refuse outputs that cannot be, before any work."""
        self.tracks.check_free(self.finished.placed())
        copies = self._plan_copies(scratch)
        self.tracks.check_encodings()
        return copies

    def _way(self) -> dict[str, str]:
        """How to compute; where it was left to the machine, as it began.

        Another machine, or this one in another mood, might choose otherwise.
        """
        known, devices = self.parts.known_way, self.options.devices
        computing = self.restorer.computing
        return (known if computing.might_choose(known, devices)
                else computing.chosen_way(devices))

    def _check(self) -> None:
        """Refuse what cannot be before anything is done."""
        options = self.options
        Mixer(options.strength, options.leave_below, options.mask,
              self.source.info.upright_size)
        if options.devices:
            check_devices(options.devices)
        if len(options.devices) > 1 and self.restorer.keeps_state:
            raise UserError(
                f'--devices: {self.restorer.name} with running=True '
                'keeps a state from frame to frame, so that a video cannot be '
                'shared. Use one device, or running=False.')
        if not self.parts.path.exists():
            self.tracks.check_free(())
        check_whole_frames(self.source)
        check_clock(self.source)
        is_video = self.target.suffix.lower() in OUTPUT_SUFFIXES
        for note in notes_on_input(
                self.source, self.restorer, options.start is not None,
                (options.encoding, muxer_of(self.target)) if is_video
                else None):
            self._note(note)
        if self._decoding is not None:
            self._note(self._decoding)
        for damage in self.part.damage():
            if not options.skip_bad_frames:
                raise DataError(
                    f'{self.source.path}: {damage}. Replace the file, or '
                    'leave out what cannot be read (--skip-bad-frames).')
            self._note(f'damaged: {damage}')
        self.part.check_not_empty()

    def _check_unchanged(self) -> None:
        """Refuse to finish what was made of two inputs."""
        if known_by(self.source.path) != self.input_known_by:
            raise DataError(
                f'{self.source.path} has changed while it was being derained. '
                f'When it is complete, move {self.parts.path} away and start '
                'anew.')

    # ----------------------------------------------------------- segments

    def _make_segments(self, workers: Workers, work: SegmentWork) -> None:
        """Make those that are missing."""
        finished = {number: item.frames
                    for number, item in self.finished.segments.items()}
        length = self.options.segment_frames
        total, is_exact = max(finished, default=-1) + 1, False
        if workers.size > 1:
            total = -(-self.part.guess_frames() // length)
            is_exact = self.part.bounds is not None
        queue = SegmentQueue(finished, length, total, is_exact,
                             workers.size)

        def on_result(worker: int, number: int,
                      made: MadeSegment | None) -> None:
            queue.done(number, made.segment.frames if made else 0)
            if made is not None:
                self.parts.add_segment(number, made)

        with self._display.begin(
                self.source.path, self.target, self._total(),
                sum(finished.values())) as count:
            workers.do(work, queue.next, on_result,
                       ShownFrames(count, self._note))

    def _total(self) -> int | None:
        """How many frames there will be, or may be; None: nobody knows."""
        options, known = self.options, self.source.num_frames
        if known is not None and options.start is None is options.end:
            return known
        return self.part.guess_frames() or None

    def _note(self, text: str) -> None:
        if text in self.notes:
            return  # several processes have come across it
        self.notes.append(text)
        self._display.note(f'{self.source.path}: {text}')

    # ------------------------------------------------------------ joining

    def _plan_copies(self, scratch: Path) -> CopyPlan | None:
        """What can be copied; None where there is nothing to copy to."""
        if (not self.source.is_video
                or self.target.suffix.lower() not in OUTPUT_SUFFIXES):
            return None
        plan = plan_copies(self.source.path, self.target, scratch,
                           not self.options.leave_out_sound)
        if plan.needed and not self.options.leave_out_streams:
            others = (suffix for suffix in OUTPUT_SUFFIXES
                      if suffix != self.target.suffix.lower())
            raise UserError(
                f'{self.target}: a {self.target.suffix} file cannot hold '
                f'{", ".join(plan.needed)} of {self.source.path}. Write '
                f'another kind ({", ".join(others)}), or add '
                '--leave-out-streams to continue without them.')
        for note in (*(f'not copied: {name}' for name in plan.needed),
                     *plan.notes):
            self._note(note)
        info, encoding = self.source.info, self.options.encoding
        if not encoding.keeps_pixel_shape(info, self.target):
            shape = f'{info.aspect.numerator}:{info.aspect.denominator}'
            self._note(f'not kept: the shape of pixels, {shape}, which with '
                       'this codec only .mp4 and .mov hold')
        if plan.has_timecode and self.options.start:
            self._note('not kept: the time code, as it is that of the first '
                       'frame')
        return plan

    def _finish(self, segments: Sequence[Segment], copies: CopyPlan | None
                ) -> None:
        """Put the segments together, and all under its own name."""
        self.finished.check_kept()
        sinks = self.tracks.sinks(self.parts.path)
        options, base = self.options, self.source.info.time_base
        begin = segments[0].begin * base if options.start else None
        end = segments[-1].end * base if options.end else None
        zero = self.source.info.clock if begin is None else begin
        if copies is not None:
            sinks[MAIN].copied = Copied(
                self.source.path, tuple(copies.streams), tuple(copies.covers),
                zero, begin, end)
        starts = [item.begin * base - zero for item in segments]
        frames = [item.frames for item in segments]
        placed = self.finished.placed()
        # nothing is put in its place before there was space for all
        joined = {track: sink.join(starts, frames)
                  for track, sink in sinks.items()
                  if sink.target not in placed}
        for track in reversed(joined):  # the output itself is the last
            path, target = joined[track], sinks[track].target
            self.parts.note_placed(track, output_fingerprint(path))
            if path.is_dir():
                place_folder(path, target, options.overwrite)
            else:
                place(path, target, options.overwrite)
