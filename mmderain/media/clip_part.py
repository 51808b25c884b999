"""A part of a clip, from one moment to another, entered anywhere."""

import re
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice

import numpy as np

from mmderain.errors import DataError, UserError
from mmderain.media.frame_source import FrameSource
from mmderain.media.video_decoder import OnBad
from mmderain.media.video_index import FrameIndex
from mmderain.media.video_info import TimedFrame


@dataclass(frozen=True)
class Moment:
    """A place in a clip, by time or by number of frame.

    Args:
        seconds: Since the first frame.
        frame: Counted from 0. One of the two is None.
    """

    seconds: Fraction | None = None
    frame: int | None = None

    @classmethod
    def parse(cls, text: str) -> 'Moment':
        """Read ``83.5`` or ``1:23.5`` (time) or ``250f`` (frame).

        Raises:
            UserError: It is neither.
        """
        if re.fullmatch(r'\d+f', text):
            return cls(frame=int(text[:-1]))
        if not re.fullmatch(r'(\d+:){0,2}\d+(\.\d+)?', text):
            raise UserError(f'{text!r} is not a moment of a clip: expected '
                            'seconds (83.5), a time (1:23.5) or a frame '
                            '(250f).')
        seconds = Fraction(0)
        for part in text.split(':'):
            seconds = seconds * 60 + Fraction(part)
        return cls(seconds=seconds)

    def after(self, start: 'Moment | None') -> 'Moment':
        """The moment that is so long after another one.

        Args:
            start: The other; the clip's beginning when None.

        Raises:
            UserError: One is a time and one a frame: only the clip knows.
        """
        if start is None or not (start.seconds or start.frame):
            return self
        if start.frame is None:
            if self.seconds is None:
                raise UserError('expected a time, as --start has, such as '
                                f'83.5, got {self.frame}f.')
            return Moment(seconds=start.seconds + self.seconds)
        if self.frame is None:
            raise UserError('expected frames, as --start has, such as 250f, '
                            f'got {float(self.seconds):g} seconds.')
        return Moment(frame=start.frame + self.frame)

    def is_reached(self, frame: TimedFrame, seconds: Fraction) -> bool:
        """Whether a frame is at the moment or after it."""
        if self.frame is not None:
            return frame.index >= self.frame
        return seconds >= self.seconds


@dataclass(frozen=True)
class ClipPart:
    """The frames of a source from ``start`` on, up to ``end``, without it.

    Args:
        source: The clip.
        start: The first frame; that of the clip when None.
        end: The end; that of the clip when None.
        skips_bad: Whether frames that cannot be read are left out. They are
            not counted then, so that only reading all tells which frame is
            which.
    """

    source: FrameSource
    start: Moment | None = None
    end: Moment | None = None
    skips_bad: bool = False

    @cached_property
    def index(self) -> FrameIndex | None:
        """Which frame is where, read at the first use; None: nobody knows."""
        return None if self.skips_bad else self.source.index()

    @cached_property
    def bounds(self) -> tuple[int, int] | None:
        """The first frame's number and one past the last; None: unknown."""
        if self.index is None:
            return None
        return (self._place(self.start, 0),
                self._place(self.end, len(self.index)))

    def check_not_empty(self) -> None:
        """Refuse a part without frames, as far as that is known.

        Raises:
            DataError: It has none.
        """
        if (self.start or self.end) and self.bounds is not None and (
                self.bounds[0] >= self.bounds[1]):
            raise DataError(
                f'{self.source.path}: there are no frames between --start '
                f'and --end; it has {len(self.index)} in all. Choose others.')

    @cached_property
    def first(self) -> int:
        """How many frames that can be read come before it.

        Where nobody knows, they are read and counted.
        """
        if self.start is None:
            return 0
        if self.bounds is not None:
            return self.bounds[0]
        if self.start.frame is not None and not self.skips_bad:
            return self.start.frame
        count = 0
        with closing(self._readable(None)) as frames:
            for frame in frames:
                if self._is_reached(self.start, frame):
                    break
                count += 1
        return count

    @cached_property
    def _begin(self) -> int:
        """Time stamp of the clip's first frame, from which seconds count."""
        if self.index is not None:
            return int(self.index.pts[0])
        with closing(self._readable(None)) as frames:
            return next(frame.pts for frame in frames)

    def is_over(self, frame: TimedFrame) -> bool:
        """Whether a frame of the clip comes after the part."""
        return self.end is not None and self._is_reached(self.end, frame)

    def damage(self) -> list[str]:
        """What of the part is known to be missing, before it is read."""
        begin, end = (
            None if moment is None else float(
                moment.frame / self.source.info.rate
                if moment.seconds is None else moment.seconds)
            for moment in (self.start, self.end))
        return [str(damage) for damage in self.source.damage()
                if damage.touches(begin or 0, end)]

    def guess_frames(self) -> int:
        """How many frames there are, or may be, where nobody knows."""
        if self.bounds is not None:
            return max(0, self.bounds[1] - self.bounds[0])
        count, rate = self.source.count_packets(), self.source.info.rate
        first, end = (
            default if moment is None else moment.frame
            if moment.frame is not None else int(moment.seconds * rate)
            for moment, default in ((self.start, 0), (self.end, count)))
        return max(0, min(end, count) - first)

    def _place(self, moment: Moment | None, default: int) -> int:
        """Number of the first frame that a moment has reached."""
        if moment is None:
            return default
        if moment.frame is not None:
            return min(moment.frame, len(self.index))
        pts = self.index.pts
        ticks = int(pts[0]) + moment.seconds / self.source.info.time_base
        return int(np.searchsorted(pts, -(-ticks // 1)))

    def read(self, on_bad: OnBad | None = None,
             skip: int = 0) -> Generator[TimedFrame]:
        """Read the frames.

        Args:
            on_bad: Told of frames that cannot be read, where those are left
                out.
            skip: How many frames of the part to leave out first.

        Raises:
            DataError: A frame cannot be read, and such are not left out.
        """
        if not self.skips_bad and (self.start or skip) and self.bounds:
            first, end = self.bounds
            first += skip
            frames = self.source.read(None, first, self.index)
            wanted = slice(max(0, end - first))
        else:
            frames = self._all(on_bad if self.skips_bad else None)
            wanted = slice(skip, None)
        with closing(frames):
            yield from islice(frames, wanted.start, wanted.stop)

    def read_on(self, first: int, on_bad: OnBad | None = None
                ) -> Generator[TimedFrame]:
        """Read the clip from a frame on, whatever the part.

        What computes a frame from its neighbours gets those outside of the
        part as well, so that the frames are those of the whole clip.

        Args:
            first: How many frames of the clip to leave out.
            on_bad: As for :meth:`read`.

        Raises:
            DataError: A frame cannot be read that is not after the part, and
                such are not left out.
        """
        is_over = False

        def note(message: str) -> None:
            if on_bad is not None and not is_over:
                on_bad(message)

        if self.skips_bad:
            # those before it have to be counted
            frames = islice(self._readable(note), first, None)
        else:
            frames = self.source.read(None, first, self.index)
        try:
            for frame in frames:
                is_over = is_over or self.is_over(frame)
                yield frame
        except DataError:
            if not is_over:
                raise

    def _readable(self, on_bad: OnBad | None) -> Generator[TimedFrame]:
        """All of the clip, without bad frames where they are left out."""
        return self.source.read(
            (on_bad or _ignore) if self.skips_bad else None)

    def _is_reached(self, moment: Moment, frame: TimedFrame) -> bool:
        if moment.frame is not None:
            return moment.is_reached(frame, Fraction(0))
        return moment.is_reached(frame, (
            frame.pts - self._begin) * self.source.info.time_base)

    def _all(self, on_bad: OnBad | None) -> Generator[TimedFrame]:
        """Read from the clip's beginning on."""
        first = None
        for frame in self.source.read(on_bad):
            first = frame.pts if first is None else first
            seconds = (frame.pts - first) * self.source.info.time_base
            if self.end is not None and self.end.is_reached(frame, seconds):
                return
            if self.start is None or self.start.is_reached(frame, seconds):
                yield frame


def _ignore(message: str) -> None:
    """What is said when the frames are read for their own sake counts."""
