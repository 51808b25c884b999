"""Live pictures: restored as they come, written as they are restored.

Nothing can be read twice and nothing is resumed; what counts is that frames
leave after a known delay, that memory stays flat, and that an end at any time
leaves what was restored.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from mmderain.errors import DataError
from mmderain.jobs.display import Count, JobDisplay
from mmderain.jobs.input_checks import interlaced
from mmderain.jobs.live_delay import Delayed, within_delay
from mmderain.jobs.mixing import Mixer
from mmderain.jobs.options import LiveReport
from mmderain.jobs.segments import Segment, add_result, report_of
from mmderain.media.clip_part import Moment
from mmderain.media.damage import find_damage
from mmderain.media.encoder_trial import check_encoding
from mmderain.media.live_input import LiveInput
from mmderain.media.live_output import LiveOutput
from mmderain.media.live_segments import LiveSegments
from mmderain.media.live_sink import LiveSink
from mmderain.media.live_source import LiveSource, Sound
from mmderain.media.losses import losses, turn_losses
from mmderain.media.understood_options import check_understood
from mmderain.media.video_info import TimedFrame
from mmderain.processes import StopSignal, stop_if_asked
from mmderain.restorer import Restorer, RestorerChain


@dataclass(frozen=True)
class LiveOptions:
    """How live pictures are derained.

    Args:
        delay: Frames that a frame may wait for at most; what takes longer is
            left out. No limit when None.
        strength: As of :class:`~mmderain.jobs.options.DerainOptions`.
        leave_below: The same.
        mask: The same.
        leave_out_sound: Continue without sound.
        duration: How much is taken, until the source ends when None.
    """

    delay: int | None = None
    strength: float = 1
    leave_below: float = 0
    mask: Path | None = None
    leave_out_sound: bool = False
    duration: Moment | None = None


class LiveJob:
    """Derains what comes until it ends.

    Args:
        restorer: Restores the frames.
        wanted: What is received.
        output: Where it goes.
        options: How.
        display: Shows how it is getting on.
    """

    def __init__(self, restorer: Restorer | RestorerChain, wanted: LiveInput,
                 output: LiveOutput, options: LiveOptions,
                 display: JobDisplay) -> None:
        self.restorer = restorer
        self.wanted, self.output, self.options = wanted, output, options
        self.display, self.note = display, display.note

    def run(self) -> LiveReport:
        """Do it, until the source ends, or SIGINT or SIGTERM comes.

        Raises:
            UserError: Nothing comes, it is lost, or nobody takes the result.
                What was restored is written.
            BrokenPipeError: Nobody reads on.
            KeyboardInterrupt: Stopped before there was a frame.
        """
        self.output.check()
        source = LiveSource(self.wanted)
        with ExitStack() as stack:
            stops = [stack.enter_context(StopSignal(number))
                     for number in (signal.SIGINT, signal.SIGTERM)]
            stack.callback(source.close)
            delayed = within_delay(self.restorer, self.options.delay,
                                   self.note)
            source.open(stop_if_asked)
            return _LiveRun(self, delayed, source, stack, stops).go()


class _LiveRun:
    """One run of a job whose source is open."""

    def __init__(self, job: LiveJob, delayed: Delayed, source: LiveSource,
                 stack: ExitStack, stops: list[StopSignal]) -> None:
        self.job, self.source = job, source
        self._stack, self._stops = stack, stops
        self._again: list[StopSignal] = []
        self._lost: DataError | None = None
        self._segment: Segment | None = None
        self._first: int | None = None  # time stamp
        self._is_over = False
        info, options = source.info, job.options
        if info.is_interlaced:
            raise interlaced(job.wanted.name, '-i ... -vf bwdif -f '
                             'yuv4mpegpipe - | mmderain derain - ...')
        self._mixer = Mixer(options.strength, options.leave_below,
                            options.mask, info.upright_size)
        self.delayed = delayed
        job.note(f'delay: a frame waits for {delayed.said(info.rate)} at '
                 f'{float(info.rate):.6g} frames/s')
        is_bare = job.output.is_bare
        for note in (*losses(info, None if is_bare else job.output.encoding),
                     *turn_losses(info, None if is_bare
                                  else job.output.muxer)):
            job.note(note)
        if isinstance(job.wanted.origin, Path):
            for damage in find_damage(job.wanted.origin):
                job.note(f'damaged: {damage}')
        self._sink = self._open_sink()
        source.begin()

    def _open_sink(self) -> LiveSink | LiveSegments:
        job, source = self.job, self.source
        output, sounds = job.output, source.sounds
        if job.options.leave_out_sound:
            sounds = ()
        if output.is_bare and sounds:
            job.note(f'not kept: sound, which {output.container or "y4m"} '
                      'does not hold (--format matroska or mpegts does)')
        if output.is_bare:
            job.note('not kept: time stamps; every frame lasts 1/'
                      f'{float(source.info.rate):.6g} s')
        for other in source.others:
            job.note(f'not copied: {other}')
        if output.is_file:
            check_encoding(source.info, output.encoding, output.target)
        elif output.encoding.named_options:
            check_understood(source.info, output.encoding)
        if output.is_bare:
            sounds = ()
        copied = list(zip(sounds, source.headers, strict=False))
        if output.segment_seconds is not None:
            return LiveSegments(output, source.info, copied, job.note)
        return LiveSink(output, source.info, copied)

    @property
    def _is_stopped(self) -> bool:
        return any(stop.came for stop in self._stops)

    @property
    def _is_hurried(self) -> bool:
        """Whether a second signal has come."""
        return any(stop.came for stop in self._again)

    def _frames(self) -> Iterator[TimedFrame]:
        """What is to be restored; sound goes its own way."""
        try:
            for item in self.source.items(lambda: self._is_stopped):
                if isinstance(item, TimedFrame):
                    self._is_over = self._is_enough(item)
                    if self._is_over:
                        break
                    yield item
                elif isinstance(item, Sound):
                    self._sink.hold(item)
                else:
                    self.job.note(item)
        except DataError as error:
            self._lost = error  # told when what came before it is written
        if self._is_stopped or self._is_over:
            self.source.close()
        if self._is_stopped:
            self._again = [self._stack.enter_context(StopSignal(stop.number))
                           for stop in self._stops]
            self.job.note('stopping: what has come is restored still; '
                           'Ctrl-C once more leaves it out')

    def _is_enough(self, frame: TimedFrame) -> bool:
        """Whether a frame comes after what is wanted."""
        if self._first is None:
            self._first = frame.pts
        length = self.job.options.duration
        return length is not None and length.is_reached(
            frame, (frame.pts - self._first) * self.source.info.time_base)

    def go(self) -> LiveReport:
        """Restore and write until the end."""
        began = time.monotonic()
        try:
            with self.job.display.begin(
                    self.job.wanted.origin, self.job.output.target, None, 0
                    ) as count:
                self._restore(count)
        except BaseException:
            self._sink.abandon()
            raise
        if self._segment is None:
            self._sink.discard()
            raise self._lost or KeyboardInterrupt
        self._sink.close(not (self._is_stopped or self._is_over))
        if self._lost is not None:
            raise DataError(f'{self._lost}. What came before, '
                            f'{self._sink.frames} frames, is in '
                            f'{self._sink.where}.') from self._lost
        source = self.source
        return LiveReport(
            report_of(str(self.job.output.target), [self._segment],
                      self._sink.frames, time.monotonic() - began, (),
                      self.delayed.restorer),
            self.delayed.said(source.info.rate), source.dropped, source.bad,
            source.reconnections, self._is_stopped, self._sink.files)

    def _restore(self, count: Count) -> None:
        is_late = False
        spec = self.delayed.spec(*self.source.info.upright_size)
        with closing(self.delayed.restorer.stream(self._frames(), spec)
                     ) as results:
            for result in results:
                if self._is_hurried:
                    return
                image, weight = self._mixer.mix(result.source.image,
                                                result.image)
                self._segment = add_result(self._segment, result, weight,
                                           image)
                self._sink.write(replace(result.source, image=image))
                count(1)
                if self.source.dropped and not is_late:
                    is_late = True
                    self.job.note('this machine is too slow for it: frames '
                                   'are dropped, and counted in the end')
