"""Live pictures as a row of files, each of them finished when it is called so.

A file begins with the first picture that is due in it, which is a key frame,
and at a time of zero (the first one as the source does). Sound goes with the
pictures beside which it is heard. It may come later than those, so that a file
waits for it a while beside the next one.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

from mmderain.errors import UserError
from mmderain.files import require_folder
from mmderain.media.live_output import LiveOutput
from mmderain.media.live_sink import CopiedSound, LiveSink
from mmderain.media.live_source import Sound
from mmderain.media.segment_names import SegmentNames
from mmderain.media.video_info import TimedFrame, VideoInfo
from mmderain.unwritten import cannot_write

# of pictures, for which a file waits for sound that is late
_PATIENCE = 2


class LiveSegments:
    """Writes frames and sound as :class:`LiveSink` does, into many files.

    Attributes:
        frames: In all of them.
        files: That are finished.

    Args:
        output: The pattern of their names, and as what.
        info: Of the frames.
        sounds: As of :class:`LiveSink`.
        note: Told of each file that is finished.

    Raises:
        UserError: The pattern names nothing, or as of :class:`LiveSink`.
    """

    def __init__(self, output: LiveOutput, info: VideoInfo,
                 sounds: Sequence[CopiedSound],
                 note: Callable[[str], object]) -> None:
        self.frames = self.files = 0
        self._output, self._info, self._note = output, info, note
        self._seconds = Fraction(output.segment_seconds)
        self._names = SegmentNames(output.target)
        self._part: int | None = None  # of those that segments' time makes
        self._border = Fraction(0)  # between the two files
        self._waiting: list[Sound] = []
        self._heard = dict.fromkeys(range(len(sounds)), Fraction(-1))
        self._ending: LiveSink | None = None
        self._current: LiveSink | None = self._next(sounds, 0)

    @property
    def where(self) -> str:
        """Where the frames are, in words."""
        return (f'{self._output.target} ({self.files} '
                f'file{"s" * (self.files != 1)})')

    def hold(self, sound: Sound) -> None:
        """Keep sound until its frame is written."""
        self._waiting.append(sound)
        self._heard[sound.number] = sound.seconds

    def write(self, frame: TimedFrame) -> None:
        """Write a frame, and the sound before it.

        Raises:
            UserError: It cannot be written.
        """
        seconds = frame.pts * self._info.time_base
        part = seconds // self._seconds
        if self._part is not None and part > self._part:
            self._cut(frame.pts)
        self._part = part
        self._hand_out(seconds)
        if self._ending is not None and (
                min(self._heard.values(), default=seconds) >= self._border
                or seconds >= self._border + _PATIENCE):
            self._end()
        self._current.write(frame)
        self.frames += 1

    def close(self, to_the_end: bool) -> None:
        """Finish what was written; as of :class:`LiveSink`.

        Raises:
            UserError: It cannot be written.
        """
        self._hand_out(None)
        self._end()
        self._finish(self._current, to_the_end)

    def abandon(self) -> None:
        """Let go of it; what is not finished keeps its unfinished name."""
        with suppress(UserError):
            self._end()  # which has all its frames
        if self._current is not None:
            self._current.abandon()

    def discard(self) -> None:
        """Let go of what has no frame; nothing of it stays."""
        self._current.discard()

    def _cut(self, begin: int) -> None:
        """From this time on it is another file."""
        self._end()
        self._border = begin * self._info.time_base
        self._ending, self._current = self._current, None
        self._current = self._next(self._ending.copies, begin)

    def _next(self, sounds: Sequence[CopiedSound], begin: int) -> LiveSink:
        return LiveSink(self._claimed(), self._info, sounds, begin)

    def _claimed(self) -> LiveOutput:
        """A name that nobody has, and nobody else takes meanwhile."""
        for target in self._names.next():
            output = replace(self._output, target=target,
                             segment_seconds=None)
            if os.path.lexists(target):
                continue
            try:
                require_folder(target.parent)
                output.unfinished.open('x').close()
            except FileExistsError:
                continue
            except OSError as error:
                raise cannot_write(output.unfinished, error) from error
            return output
        raise AssertionError('names have no end')

    def _hand_out(self, end: Fraction | None) -> None:
        """Sound up to a moment, each to its file; None for all of it."""
        waiting, self._waiting = self._waiting, []
        for sound in waiting:
            if end is not None and sound.seconds >= end:
                self._waiting.append(sound)
            elif sound.seconds >= self._border:
                self._current.hold(sound)
            elif self._ending is not None:
                self._ending.hold(sound)

    def _end(self) -> None:
        """Finish the file before the present one."""
        ending, self._ending = self._ending, None
        if ending is not None:
            self._finish(ending, True)

    def _finish(self, sink: LiveSink, to_the_end: bool) -> None:
        sink.close(to_the_end)
        self.files += 1
        self._note(f'finished {sink.where}: {sink.frames} frames')
