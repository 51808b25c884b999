"""One input to one output: in segments, so that nothing is lost by a kill."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from mmderain.apis.crew import Crew, Tell
from mmderain.apis.dealing import Dealer
from mmderain.apis.derain_options import DerainOptions, DerainReport
from mmderain.apis.device_processes import crew_of
from mmderain.apis.job_settings import job_settings
from mmderain.apis.mixing import Mixer
from mmderain.apis.output_tracks import MAIN, OUTPUT_SUFFIXES, OutputTracks
from mmderain.apis.parts_folder import PartsFolder
from mmderain.apis.segments import Segment, SegmentWork
from mmderain.errors import DataError, UserError
from mmderain.inference.clip_part import ClipPart
from mmderain.inference.frame_source import open_source
from mmderain.inference.video_join import Copied, copyable_streams

if TYPE_CHECKING:
    from mmderain.apis.inferencer import DerainInferencer


class DerainJob:
    """Derains one input into one output.

    Args:
        inferencer: Restores the frames.
        source: A video, a folder of frames or an image.
        target: A video (``.mp4``, ``.mov``, ``.mkv``), a folder, or, for an
            image, an image.
        options: How.
        tell: Told of progress, instead of a bar.
    """

    def __init__(self, inferencer: 'DerainInferencer', source: Path,
                 target: Path, options: DerainOptions,
                 tell: Tell | None = None) -> None:
        self.inferencer = inferencer
        self.target = target
        self.options = options
        self.source = open_source(source, options.rate)
        self.part = ClipPart(self.source, options.start, options.end,
                             options.skip_bad_frames)
        self.tracks = OutputTracks(self.source, target, options,
                                   inferencer.map_names)
        self.tracks.check_target()
        self.parts = PartsFolder(target)
        self.notes: list[str] = []
        self._told = tell

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
                               self.options.overwrite) as state:
            self.parts.check_settings(job_settings(
                self.inferencer, self.source, self.options))
            copied = self._copied_streams()
            self.parts.forget_missing(
                self.tracks.sinks(self.parts.path)[MAIN].has_segment)
            before = sum(item.frames for item in self._segments().values())
            with crew_of(self.inferencer, self.options.devices) as crew:
                if 'tile' not in state:
                    self.parts.note_tile(
                        crew.fit_tile(*self.source.info.upright_size))
                tile = state['tile']
                self._make_segments(crew, SegmentWork(
                    self.part, self.tracks, self.parts.path,
                    tile and tuple(tile)))
            segments = list(self._segments().values())
            if not segments:
                raise DataError(f'{self.source.path}: there are no frames '
                                'between --start and --end.')
            self._join(segments, copied)
            frames = sum(item.frames for item in segments)
            report = DerainReport(
                str(self.target), frames, frames - before,
                time.monotonic() - began,
                sum(item.change for item in segments) / frames,
                sum(item.left for item in segments), tuple(self.notes),
                sum(item.guarded for item in segments))
            if on_complete is not None:
                on_complete(report)
            self.parts.remove()
        return report

    def _check(self) -> None:
        """Refuse what cannot be before anything is done."""
        options = self.options
        for path in self.tracks.targets.values():
            # with --resume it may be our own, of a run killed at the end
            if path.exists() and not options.overwrite and not (
                    options.resume and self.parts.path.exists()):
                raise UserError(f'{path} is there already. Add --overwrite '
                                'to replace it, or choose another output.')
        Mixer(options.strength, options.leave_below, options.mask,
              self.source.info.upright_size)
        if len(options.devices) > 1 and self.inferencer.keeps_state:
            raise UserError(
                f'--devices: {self.inferencer.method.name} with running=True '
                'keeps a state from frame to frame, so that a video cannot be '
                'shared. Use one device, or running=False.')

    # ----------------------------------------------------------- segments

    def _segments(self) -> dict[int, Segment]:
        return {number: Segment(*item)
                for number, item in self.parts.segments.items()}

    def _make_segments(self, crew: Crew, work: SegmentWork) -> None:
        """Make those that are missing."""
        finished = {number: item.frames
                    for number, item in self._segments().items()}
        length = self.options.segment_frames
        total, is_exact = max(finished, default=-1) + 1, False
        if crew.size > 1:
            total = -(-self.part.guess_frames() // length)
            is_exact = self.part.bounds is not None
        dealer = Dealer(finished, length, total, is_exact, crew.size)

        def on_result(member: int, number: int,
                      segment: Segment | None) -> None:
            dealer.done(number, segment.frames if segment else 0)
            if segment is not None:
                self.parts.add_segment(number, segment)

        with tqdm(desc=self.source.path.name, unit='frame',
                  total=self._total(), initial=sum(finished.values()),
                  disable=not self.options.show_progress) as bar:

            def tell(kind: str, content: Any) -> None:
                if kind == 'note':
                    self._note(content)
                elif self._told is not None:
                    self._told(kind, content)
                else:
                    bar.update(content)

            crew.do(work, dealer.next, on_result, tell)

    def _total(self) -> int | None:
        options = self.options
        if (options.start and options.start.seconds is not None) or (
                options.end and options.end.seconds is not None):
            return None
        total = self.source.num_frames
        end = options.end.frame if options.end else total
        if end is None:
            return None
        end = end if total is None else min(end, total)
        return end - (options.start.frame if options.start else 0)

    def _note(self, message: str) -> None:
        text = f'left out: {message}'
        if text in self.notes:
            return  # several processes have come across it
        self.notes.append(text)
        if self._told is not None:
            self._told('note', f'{self.source.path}: {text}')
        else:
            tqdm.write(f'{self.source.path}: {text}')

    # ------------------------------------------------------------ joining

    def _copied_streams(self) -> list[int] | None:
        """What can be copied; None where there is nothing to copy to."""
        if (not self.source.is_video
                or self.target.suffix.lower() not in OUTPUT_SUFFIXES):
            return None
        fitting, others = copyable_streams(
            self.source.path, self.target, self.parts.path)
        needed = [name for name in others if not name.startswith('data')]
        if needed and not self.options.leave_out_streams:
            raise UserError(
                f'{self.target}: a {self.target.suffix} file cannot hold '
                f'{", ".join(needed)} of {self.source.path}. Write another '
                f'kind ({", ".join(OUTPUT_SUFFIXES)}), or add '
                '--leave-out-streams to go on without.')
        self.notes += [f'not copied: {name}' for name in others]
        return fitting

    def _join(self, segments: list[Segment],
              streams: list[int] | None) -> None:
        """Put the segments together, and all under its own name."""
        options, base = self.options, self.source.info.time_base
        shift = segments[0].begin if options.start else 0
        sinks = self.tracks.sinks(self.parts.path)
        if streams is not None:
            part = (None, None)
            if options.start or options.end:
                part = shift * base, segments[-1].end * base
            sinks[MAIN].copied = Copied(self.source.path, tuple(streams),
                                        *part)
        starts = [(item.begin - shift) * base for item in segments]
        for name in reversed(sinks):  # the output itself is the last
            sinks[name].finish(starts)
