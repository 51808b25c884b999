"""``mmderain derain`` of live pictures: its options, and its run."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mmderain.cli.derain_encoding import OF_ENCODERS, encoding
from mmderain.cli.derain_part import read_duration
from mmderain.cli.derain_places import Places
from mmderain.cli.exit_codes import Exit
from mmderain.cli.option_types import duration, frame_size, seconds, whole
from mmderain.errors import UserError
from mmderain.media.live_address import CAMERA, LiveAddress

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmderain.cli.displays import CommandDisplay
    from mmderain.restorer import Restorer, RestorerChain

_STDIN, _STDOUT, _STDERR = range(3)
_FORMATS = ('y4m', 'rawvideo', 'mpegts', 'matroska', 'flv')
# options of files, and of live pictures
_OF_FILES = ('resume', 'start', 'end', 'preview', 'save_maps', 'devices',
             'skip_bad_frames', 'output_dir', 'list', 'shard', 'summary',
             'dry_run', 'engine', 'stage_dir', 'hwaccel')
_OF_LIVE = ('size', 'pix_fmt', 'format', 'delay', 'timeout', 'reconnect',
            'segment_time')
_RAW = ('size', 'fps', 'pix_fmt')


def add_live_arguments(group: argparse._ArgumentGroup) -> None:
    """The options of live pictures."""
    group.add_argument('--size', type=frame_size, metavar='WxH',
                       help='of raw pictures in a pipe, or asked of a camera')
    group.add_argument('--pix-fmt', metavar='P', help='the same, as FFmpeg '
                       'names it: rgb24, yuv420p; and --fps')
    group.add_argument('--format', choices=_FORMATS, help='what is written '
                       'into a pipe or sent (default: y4m into a pipe; what '
                       'an address takes)')
    group.add_argument('--delay', type=whole(0, 100_000), metavar='FRAMES',
                       help='leave out what lets a frame wait for more '
                       'frames, such as the search for drops')
    group.add_argument('--timeout', type=seconds, metavar='SECONDS',
                       help='of silence, after which a network is given up '
                       '(default: 10)')
    group.add_argument('--reconnect', type=whole(0, 1_000_000), metavar='N',
                       help='how often in a row a connection that was lost '
                       'is tried again (default: 5)')
    group.add_argument('--segment-time', type=duration, metavar='SECONDS',
                       help='begin a new file after so many, or after '
                       'HH:MM:SS; the output is a folder, FOLDER/, or a name '
                       'such as cam_%%03d.mkv or cam_%%Y%%m%%d-%%H%%M%%S.mkv')


def check_live(args: argparse.Namespace, places: Places) -> None:
    """Refuse options that do not go with what is live, or with what is not.

    Args:
        args: The options.
        places: Input and output.

    Raises:
        UserError: There is one.
    """
    if not places.is_live:
        for option in _OF_LIVE:
            if getattr(args, option) is not None:
                raise UserError(
                    f'{_name(option)} is for live pictures, expected with '
                    '"-", rtsp://, http:// and the like as input or output. '
                    f'Leave {_name(option)} out.')
        return
    for option in _OF_FILES:
        if getattr(args, option) not in (None, False):
            raise UserError(
                f'{_name(option)} is for files. Live pictures come once, and '
                'are written as they come: leave it out, or record them '
                'first.')
    source, = places.inputs
    _check_input(args, source)
    _check_output(args, places.output)


def _check_input(args: argparse.Namespace, source: LiveAddress | Path
                 ) -> None:
    kind = source.kind if isinstance(source, LiveAddress) else 'file'
    given = [name for name in _RAW if getattr(args, name) is not None]
    if kind == 'pipe':
        if sys.stdin is None:  # `<&-`
            raise UserError('-: expected pictures from a pipe, but standard '
                            'input is closed. Pipe them into it.')
        if os.isatty(_STDIN):
            raise UserError('-: expected pictures from a pipe, but standard '
                            'input is a terminal. Pipe them: ffmpeg ... -f '
                            'yuv4mpegpipe - | mmderain derain - ...')
        if given and len(given) < len(_RAW):
            missing = [_name(name) for name in _RAW if name not in given]
            raise UserError(
                f'raw pictures in a pipe say nothing of themselves: add '
                f'{", ".join(missing)}, such as --size 1280x720 --fps 30 '
                '--pix-fmt yuv420p.')
    elif given and kind != CAMERA:
        raise UserError(
            f'{_name(given[0])} is for raw pictures in a pipe and for '
            f'cameras, but {source} says it itself. Leave it out.')
    if args.pix_fmt is not None:
        _check_pixel_format(args.pix_fmt)


def _check_pixel_format(name: str) -> None:
    from av import VideoFormat
    try:
        VideoFormat(name)
    except ValueError as error:
        raise UserError(f'--pix-fmt {name}: expected a name of FFmpeg such as '
                        'rgb24, yuv420p, yuyv422 ("ffmpeg -pix_fmts" lists '
                        'them).') from error


def _check_output(args: argparse.Namespace, target: LiveAddress | Path
                  ) -> None:
    from mmderain.media.containers import CONTAINERS, instead_of
    from mmderain.media.live_output import BARE

    if isinstance(target, Path):
        if target.suffix.lower() not in CONTAINERS:
            raise UserError(
                f'{target}: live pictures go into a file whose name ends in '
                f'{", ".join(CONTAINERS)}, into a pipe (-), or to an address; '
                'with --segment-time also into a folder, FOLDER/.'
                + instead_of(target))
        if args.format is not None:
            raise UserError(f'--format {args.format} is for pipes and '
                            f'addresses; {target} says it by its name. Leave '
                            '--format out.')
        if args.segment_time is not None:
            _check_segments(args, target)
        return
    if args.segment_time is not None:
        raise UserError(f'--segment-time is for files, and {target} is one '
                        'stream. Leave it out, or name a folder, FOLDER/.')
    if target.is_input_only:
        raise UserError(f'{target} is a camera, which shows nothing. Choose '
                        'another output.')
    # what is printed goes there where it was `>&-`
    if target.kind == 'pipe' and getattr(
            sys.stdout, 'name', None) == os.devnull:
        raise UserError('-: expected a pipe, but standard output is closed. '
                        'Pipe it into something, or name a file.')
    if target.kind == 'pipe' and os.isatty(_STDOUT):
        raise UserError('-: expected a pipe, but standard output is a '
                        'terminal. Pipe it into something: mmderain derain '
                        '... - | ffplay -')
    if target.kind == 'rtsp' and args.format is not None:
        raise UserError(f'--format {args.format}: {target} takes no container '
                        'of another kind. Leave --format out.')
    if (args.format or target.default_format) in BARE:
        for option in OF_ENCODERS:
            if getattr(args, option) is not None:
                raise UserError(
                    f'{_name(option)} is for what is encoded, and y4m and '
                    'rawvideo are not. Leave it out, or choose --format '
                    'matroska or mpegts.')


def _check_segments(args: argparse.Namespace, target: Path) -> None:
    from mmderain.media.segment_names import SegmentNames

    SegmentNames(target)  # complains of what is none
    if args.overwrite:
        raise UserError('--overwrite: with --segment-time every file gets a '
                        'name that is free, and nothing is replaced. Leave '
                        'it out.')


def derain_live(args: argparse.Namespace, places: Places,
                load: 'Callable[[], Restorer | RestorerChain]',
                display: 'CommandDisplay') -> int:
    """Derain live pictures.

    Args:
        args: The options, checked.
        places: Input and output.
        load: Loads the restorer.
        display: Shows how it is getting on.

    Returns:
        int: 0 at the end of the source, 130 where the user has ended it.

    Raises:
        UserError: Nothing comes, it is lost, or nobody takes the result.
    """
    from mmderain.jobs.live_job import LiveJob, LiveOptions
    from mmderain.media.live_input import LiveInput
    from mmderain.media.live_output import LiveOutput

    (source, ), target = places.inputs, places.output
    is_pipe = isinstance(target, LiveAddress) and target.kind == 'pipe'
    encoded = encoding(args)
    if isinstance(target, Path):
        encoded = encoded.into(target.suffix)
    timeout = {} if args.timeout is None else {'timeout': args.timeout}
    tries = {} if args.reconnect is None else {'reconnections': args.reconnect}
    job = LiveJob(
        load(),
        LiveInput(source, args.size, args.fps, args.pix_fmt, **timeout,
                  **tries),
        LiveOutput(target, encoded, args.format,
                   _pipe_alone() if is_pipe else _STDOUT, args.overwrite,
                   **timeout, segment_seconds=args.segment_time),
        LiveOptions(args.delay, args.strength, args.leave_below, args.mask,
                    args.leave_out_streams or args.no_sound,
                    read_duration(args)), display)
    report = job.run()
    display.finished(source, report)
    if report.is_stopped:
        display.note('stopped')
    return Exit.STOPPED if report.is_stopped else Exit.DONE


def _pipe_alone() -> int:
    """Standard output for the pictures alone: all words go elsewhere.

    Returns:
        int: The file descriptor to write pictures to.
    """
    pipe = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    return pipe


def _name(option: str) -> str:
    return f'--{option.replace("_", "-")}'
