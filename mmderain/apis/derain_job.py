"""One input to one output: in segments, so that nothing is lost by a kill."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from mmderain.apis.derain_options import DerainOptions, DerainReport
from mmderain.apis.mixing import Mixer
from mmderain.apis.parts_folder import PartsFolder
from mmderain.errors import DataError, UserError
from mmderain.inference.frame_sink import (
    ImageSink,
    VideoSink,
    preview,
    upright_info,
)
from mmderain.inference.frame_source import open_source
from mmderain.inference.image_io import IMAGE_SUFFIXES
from mmderain.inference.video_io import TimedFrame
from mmderain.inference.video_join import Copied, copyable_streams
from mmderain.version import __version__

if TYPE_CHECKING:
    from mmderain.apis.inferencer import DerainedFrame, DerainInferencer

OUTPUT_SUFFIXES = ('.mp4', '.mov', '.mkv')
_MAIN = 'output'


class DerainJob:
    """Derains one input into one output.

    Args:
        inferencer: Restores the frames.
        source: A video, a folder of frames or an image.
        target: A video (``.mp4``, ``.mov``, ``.mkv``), a folder, or, for an
            image, an image.
        options: How.
    """

    def __init__(self, inferencer: 'DerainInferencer', source: Path,
                 target: Path, options: DerainOptions) -> None:
        self.inferencer = inferencer
        self.target = target
        self.options = options
        self.source = open_source(source, options.rate)
        self._check_paths()
        self.parts = PartsFolder(target)
        self.notes: list[str] = []

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
        options = self.options
        for path in self._targets().values():
            # with --resume it may be our own, of a run killed at the end
            if path.exists() and not options.overwrite and not (
                    options.resume and self.parts.path.exists()):
                raise UserError(f'{path} is there already. Add --overwrite '
                                'to replace it, or choose another output.')
        height, width = self.source.info.upright_size
        mixer = Mixer(options.strength, options.leave_below, options.mask,
                      (height, width))
        with self.parts.locked(options.resume, options.overwrite) as state:
            if 'tile' in state:
                tile = state['tile']
                self.inferencer.set_tile(
                    tile and tuple(tile), height, width)
            else:
                tile = self.inferencer.fit_tile(height, width)
            self.parts.check_settings(self._settings(), tile)
            streams = self._streams()
            sinks = self._sinks()
            done = self.parts.finished_segments(sinks[_MAIN].has_segment)
            derained, first = self._segments(sinks, mixer, done)
            segments = self.parts.segments
            if not segments:
                raise DataError(f'{self.source.path}: there are no frames '
                                'between --start and --end.')
            base = self.source.info.time_base
            shift = first if options.start else 0
            if streams is not None:
                part = (None, None)
                if options.start or options.end:
                    part = shift * base, segments[-1]['end'] * base
                sinks[_MAIN].copied = Copied(self.source.path,
                                             tuple(streams), *part)
            starts = [(item['begin'] - shift) * base for item in segments]
            for name in reversed(sinks):  # the output itself is the last
                sinks[name].finish(starts)
            frames = sum(item['frames'] for item in segments)
            change = sum(item['change'] for item in segments)
            report = DerainReport(
                str(self.target), frames, derained, time.monotonic() - began,
                change / frames, sum(item['left'] for item in segments),
                tuple(self.notes))
            if on_complete is not None:
                on_complete(report)
            self.parts.remove()
        return report

    # ------------------------------------------------------------- frames

    def _segments(self, sinks: dict, mixer: Mixer,
                  done: int) -> tuple[int, int]:
        """Derain from segment ``done`` on; frames now, first time stamp."""
        options, length = self.options, self.options.segment_frames
        skip = sum(item['frames'] for item in self.parts.segments[:done])
        entry = self.inferencer.derainer.restart_frame(skip)
        on_bad = self._note if options.skip_bad_frames else None
        total = 0
        with closing(self.source.read(on_bad, options.start,
                                      options.end)) as frames:
            head = next(frames, None)
            if head is None:
                return 0, 0
            # frames before the entry are decoded, no more
            rest = islice(chain([head], frames), entry, None)
            results = islice(self.inferencer.stream(rest, options.save_maps),
                             skip - entry, None)
            bar = tqdm(results, desc=self.source.path.name, unit='frame',
                       total=self._total(), initial=skip,
                       disable=not options.show_progress)
            results = iter(bar)
            shift = head.pts if options.start else 0
            number = done
            while True:
                first = next(results, None)
                if first is None:
                    return total, head.pts
                segment = chain([first], islice(results, length - 1))
                total += self._segment(sinks, mixer, number, segment, shift)
                number += 1

    def _segment(self, sinks: dict, mixer: Mixer, number: int,
                 results: Iterator['DerainedFrame'], shift: int) -> int:
        count = left = 0
        change = 0.0
        begin = end = None
        for sink in sinks.values():
            sink.begin(number)
        try:
            for result in results:
                image, weight = mixer.mix(result.source.image, result.image)
                change += float(np.abs(
                    image.astype(np.int16) - result.source.image).mean())
                left += weight == 0
                count += 1
                begin = result.source.pts if begin is None else begin
                end = result.source.pts + result.source.duration
                name = self.source.frame_name(result.source)
                pictures = {_MAIN: image, **result.maps}
                if self.options.preview:
                    pictures['preview'] = preview(
                        result.source.image, image, self.options.preview)
                for track, picture in pictures.items():
                    if picture.ndim == 2:
                        picture = np.repeat(picture[..., None], 3, axis=2)
                    sinks[track].write(TimedFrame(
                        picture, result.source.pts - shift,
                        result.source.duration), name)
        except BaseException:
            for sink in sinks.values():
                with suppress(UserError):  # the first error is the one to tell
                    sink.abandon()
            raise
        for name in reversed(sinks):
            sinks[name].end(number)
        self.parts.add_segment(dict(frames=count, change=change, left=left,
                                    begin=begin, end=end))
        return count

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
        self.notes.append(f'left out: {message}')
        tqdm.write(f'{self.source.path}: left out: {message}')

    # -------------------------------------------------------------- paths

    def _check_paths(self) -> None:
        path, target = self.source.path, self.target
        inside = target.resolve()
        if inside == path.resolve() or (
                path.is_dir() and path.resolve() in inside.parents):
            raise UserError(f'{target}: expected an output outside the input '
                            f'{path}. Choose another one.')
        suffix = target.suffix.lower()
        single = not self.source.is_video and not path.is_dir()
        known = ('', *OUTPUT_SUFFIXES, *(IMAGE_SUFFIXES if single else ()))
        if suffix not in known:
            raise UserError(
                f'{target}: expected a folder or a file with one of the '
                f'suffixes {", ".join(known[1:])}, got {suffix!r}.')

    def _targets(self) -> dict[str, Path]:
        """Name of a track -> where it goes."""
        tracks = ['preview'] if self.options.preview else []
        if self.options.save_maps:
            tracks += self.inferencer.map_names
        stem, suffix = self.target.stem, self.target.suffix
        return {_MAIN: self.target, **{
            track: self.target.with_name(f'{stem}.{track}{suffix}')
            if suffix else self.target.with_name(f'{stem}_{track}')
            for track in tracks}}

    def _sinks(self) -> dict:
        sinks = {}
        upright = upright_info(self.source.info)
        wide = upright_info(self.source.info,
                            2 if self.options.preview == 'side' else 1)
        for track, target in self._targets().items():
            folder = self.parts.path / track
            info = {_MAIN: self.source.info, 'preview': wide}.get(
                track, upright)
            if target.suffix.lower() in OUTPUT_SUFFIXES:
                sinks[track] = VideoSink(folder, target, info,
                                         self.options.encoding)
            else:
                sinks[track] = ImageSink(folder, target)
        return sinks

    def _streams(self) -> list[int] | None:
        """What can be copied; None where there is nothing to copy to."""
        if not self.source.is_video or not self.target.suffix:
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

    def _settings(self) -> dict:
        """What decides the pixels, to compare with when resuming."""
        options = asdict(self.options)
        for name in ('overwrite', 'resume', 'show_progress'):
            del options[name]
        stat = self.source.path.stat()
        test_cfg = dict(self.inferencer.derainer.test_cfg)
        for name in ('tile', 'prepare_threads'):
            test_cfg.pop(name, None)
        settings = dict(
            version=__version__, input=str(self.source.path.resolve()),
            input_size=stat.st_size, input_time=stat.st_mtime_ns,
            images=len(self.source.images or ()),
            checkpoint=_digest(self.inferencer.checkpoint),
            method=self.inferencer.method.name,
            dtype=str(self.inferencer.dtype), test_cfg=test_cfg, **options)
        # as it will come back from the file
        return json.loads(json.dumps(settings, default=str))


def _digest(path: Path) -> str:
    with path.open('rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()

