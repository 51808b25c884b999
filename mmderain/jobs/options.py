"""How to derain and write, and the report of what was done."""

from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Real
from pathlib import Path

from mmderain.errors import UserError
from mmderain.media.clip_part import Moment
from mmderain.media.encoding import Encoding
from mmderain.media.hardware import Hardware

_SWITCHES = ('save_maps', 'overwrite', 'resume', 'skip_bad_frames',
             'leave_out_streams', 'leave_out_sound', 'show_progress')


@dataclass(frozen=True)
class DerainOptions:
    """How an input is derained and written.

    Args:
        start: Where to begin; at the clip's beginning when None.
        end: Where to stop.
        strength: 0 leaves the input, 1 is the result.
        mask: An image; where it is white the input is kept (burned-in text).
        leave_below: Frames whose mean change is below so many levels of 255
            are left as they are; up to twice that they are mixed.
        preview: 'side' or 'split': also write input and output in one.
        save_maps: Also write what was removed and the network's maps.
        encoding: Codec and quality of videos.
        rate: Frames per second of a video made of images.
        overwrite: Replace what is there.
        resume: Continue unfinished work.
        skip_bad_frames: Leave out what cannot be decoded.
        leave_out_streams: Continue without sound or subtitles that the
            output's container cannot hold.
        leave_out_sound: Copy no sound.
        segment_frames: Frames between two points from which to resume.
        show_progress: A bar with frames, speed and the time that is left.
        devices: Share the frames of a video, each with a process of its own:
            'cuda:0', 'cuda:1' or 'cpu', 'cpu'. The restorer's own device
            when there are fewer than two.
        hardware: That decodes videos where it gives a CPU's frames.

    Raises:
        UserError: ``end`` is not after ``start``, or a value is none of these.
    """

    start: Moment | None = None
    end: Moment | None = None
    strength: float = 1
    mask: Path | None = None
    leave_below: float = 0
    preview: str | None = None
    save_maps: bool = False
    encoding: Encoding = field(default_factory=Encoding)
    rate: Fraction = Fraction(25)
    overwrite: bool = False
    resume: bool = False
    skip_bad_frames: bool = False
    leave_out_streams: bool = False
    leave_out_sound: bool = False
    segment_frames: int = 120
    show_progress: bool = False
    devices: tuple[str, ...] = ()
    hardware: Hardware | None = None

    def __post_init__(self) -> None:
        if isinstance(self.mask, str) and self.mask:
            object.__setattr__(self, 'mask', Path(self.mask))
        for name, is_right, expected in (
                ('start', isinstance(self.start, Moment | None), 'a Moment'),
                ('end', isinstance(self.end, Moment | None), 'a Moment'),
                ('strength', isinstance(self.strength, Real), 'a number'),
                ('leave_below', isinstance(self.leave_below, Real),
                 'a number'),
                ('preview', self.preview in (None, 'side', 'split'),
                 "'side' or 'split'"),
                ('encoding', isinstance(self.encoding, Encoding),
                 'an Encoding'),
                ('hardware', isinstance(self.hardware, Hardware | None),
                 'a Hardware'),
                ('segment_frames', isinstance(self.segment_frames, int)
                 and self.segment_frames > 0, 'a whole number from 1 on'),
                ('mask', isinstance(self.mask, Path | None),
                 'the path of an image'),
                ('rate', isinstance(self.rate, Real)
                 and 0.01 <= self.rate <= 1000,
                 'frames per second from 0.01 to 1000'),
                # a text such as 'no' would count as yes
                *((name, isinstance(getattr(self, name), bool),
                   'True or False') for name in _SWITCHES),
                ('devices', isinstance(self.devices, tuple | list)
                 and all(isinstance(item, str) for item in self.devices),
                 "names such as ('cuda:0', 'cuda:1')")):
            if not is_right:
                raise UserError(f'DerainOptions({name}=...): expected '
                                f'{expected}, got {getattr(self, name)!r}.')
        if self.end is None:
            return
        start = self.start or Moment(0, 0)
        for unit in ('seconds', 'frame'):
            first, last = getattr(start, unit), getattr(self.end, unit)
            # times and numbers are compared where the rate is known
            if None not in (first, last) and last <= first:
                raise UserError(
                    f'--end: expected more than {float(first):g} {unit}, '
                    f'where the part begins, got {float(last):g}. Choose '
                    'another --start or --end.')


@dataclass(frozen=True)
class DerainReport:
    """What was done.

    Args:
        output: What was written.
        frames: Of the output.
        derained: Of them in this run, the rest before it was resumed.
        seconds: This run took.
        mean_change: Mean absolute difference between input and output, in
            levels of 255, over all frames and colours.
        frames_left: Frames that were left as they are.
        notes: Frames that could not be read, streams that were left out.
        frames_guarded: Frames that the derainer's guard gave back, at least
            in part, since rain does not explain what the network removed.
        frames_with_drops: Frames with drops on the lens that were filled.
        drops: Their number, summed over these frames.
        covered: The part of the frame that they covered, summed likewise.
        looked_for_drops: Whether there was a search for them.
        input_bytes: Of the input, which a worker fetches from a store.
        output_bytes: Of all outputs, which it sends there.
    """

    output: str
    frames: int
    derained: int
    seconds: float
    mean_change: float
    frames_left: int
    notes: tuple[str, ...] = ()
    frames_guarded: int = 0
    frames_with_drops: int = 0
    drops: int = 0
    covered: float = 0.0
    looked_for_drops: bool = False
    input_bytes: int = 0
    output_bytes: int = 0

    def __str__(self) -> str:
        speed = self.derained / max(self.seconds, 1e-9)
        left = (f'; {self.frames_left} frames left as they are'
                if self.frames_left else '')
        guarded = (f'; {self.frames_guarded} frames kept as they came, wholly '
                   'or in part: the result left what rain can explain '
                   '(--no-guard takes it all the same)'
                   if self.frames_guarded else '')
        now = ('' if self.derained == self.frames
               else f', {self.derained} of them now')
        return (f'wrote {self.output}: {self.frames} frames{now} in '
                f'{self.seconds:.1f} s '
                f'({speed:.2f} frames/s), mean change '
                f'{self.mean_change:.2f} of 255{self._drops()}{left}'
                f'{guarded}')

    def _drops(self) -> str:
        frames = self.frames_with_drops
        if not frames:
            return ('; no drops found on the lens' if self.looked_for_drops
                    else '')
        return (f'; drops: {self.drops / frames:.0f} on the lens, '
                f'{100 * self.covered / frames:.1f} % of the frame, in '
                f'{frames} frames')


@dataclass(frozen=True)
class LiveReport:
    """What was done.

    Args:
        derained: As of a file.
        delay: How long a frame has waited, in words.
        dropped: Frames for which the machine was too slow.
        bad: Frames that could not be decoded.
        reconnections: How often the source was connected anew.
        is_stopped: Whether the user has ended it.
        files: That were written one after the other; None for one alone.
    """

    derained: DerainReport
    delay: str
    dropped: int
    bad: int
    reconnections: int
    is_stopped: bool
    files: int | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is to be said."""
        return self.derained.notes

    def __str__(self) -> str:
        files = '' if self.files is None else (
            f'; {self.files} file{"s" * (self.files != 1)}')
        said = f'{self.derained}{files}; delay {self.delay}'
        if self.dropped:
            said += (f'; {self.dropped} frames dropped, for which this '
                     'machine was too slow')
        if self.bad:
            said += f'; {self.bad} frames could not be decoded'
        if self.reconnections:
            said += f'; connected anew {self.reconnections} time(s)'
        return said
