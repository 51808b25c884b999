"""Rainy video in, clean video out: ``mmderain derain``."""

import argparse
import signal
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from mmderain.backends import BACKENDS
from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.derain_checks import (
    check_arguments,
    check_dry_run,
    check_use,
)
from mmderain.cli.derain_encoding import add_encoding_arguments, encoding
from mmderain.cli.derain_engine import (
    add_engine_arguments,
    check_engine,
    find_fleet,
)
from mmderain.cli.derain_live import (
    add_live_arguments,
    check_live,
    derain_live,
)
from mmderain.cli.derain_places import Places, find_work, read_places
from mmderain.cli.exit_codes import Exit
from mmderain.cli.model_settings import add_settings, read_settings
from mmderain.cli.option_types import (
    path,
    path_text,
    rate,
    shard,
    some_of,
    tile,
    whole,
)
from mmderain.cli.progress_lines import JsonLines
from mmderain.errors import UserError
from mmderain.methods import METHODS
from mmderain.processes import StopSignal

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmderain.cli.displays import CommandDisplay
    from mmderain.jobs.archive_list import Entry
    from mmderain.jobs.options import DerainOptions
    from mmderain.media.clip_part import Moment
    from mmderain.media.hardware import Hardware
    from mmderain.restorer import Restorer, RestorerChain

# of what is made of images
_RATE = Fraction(25)
# records in a store, each of which is waited for
_ASKED = 100


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain derain',
        usage='mmderain derain INPUT OUTPUT [options]\n'
              '       mmderain derain INPUT... FOLDER/ [options]',
        description='Remove rain from videos, folders of frames and images. '
                    'Sound, subtitles, data tracks, time stamps and rotation '
                    'of a video are kept.')
    parser.add_argument(
        'paths', nargs='*', type=path_text, metavar='PATH',
        help='INPUT OUTPUT; several inputs and a folder, FOLDER/. Live: - is '
        'a pipe; rtsp://, http://, udp:// and rtmp:// come from and go into a '
        'network; v4l2:/dev/video0 is a camera')
    parser.add_argument(
        '-i', '--input', action='append', default=[], type=path_text,
        metavar='INPUT', help='instead of a path; may be there more than once')
    parser.add_argument(
        '-o', '--output', type=path_text, metavar='OUTPUT',
        help='instead of a path; FOLDER/, with a slash, to write into a '
        'folder, under the name of the input')
    parser.add_argument('--checkpoint', type=path_text, metavar='FILE',
                        help='of mmderain, trained or converted (default: '
                        'weights that come with mmderain)')
    parser.add_argument('--model', metavar='NAME', help='of the weights that '
                        'come with mmderain, such as fast or realtime: '
                        '"mmderain models" lists them; with '
                        '--checkpoint its method, for files that do not say '
                        f'it: {", ".join(sorted(METHODS))}')
    parser.add_argument(
        '--remove', type=some_of('streaks', 'drops'), metavar='WHAT',
        help='streaks; drops, on the lens of a moving camera; or both, '
        'streaks,drops. With --checkpoint or --model that model works, and '
        'drops are removed from its result if they are named (default: '
        'streaks,drops)')
    _add_frequent_arguments(parser)
    _add_model_arguments(parser.add_argument_group('how it is computed'))
    _add_output_arguments(parser.add_argument_group('what is written'))
    _add_run_arguments(parser.add_argument_group(
        'how it runs: damaged, shown'))
    _add_archive_arguments(parser.add_argument_group('an archive of videos'))
    add_engine_arguments(parser.add_argument_group(
        'an archive on many machines'))
    add_live_arguments(parser.add_argument_group('live pictures'))
    return parser


def _add_frequent_arguments(group: argparse._ActionsContainer) -> None:
    """What people use most, before what they look for."""
    group.add_argument('--start', metavar='TIME', help='where to begin: '
                       'seconds, 1:23.5, or a frame such as 250f')
    group.add_argument('--end', metavar='TIME', help='where to stop')
    group.add_argument('--preview', choices=('side', 'split'),
                       help='also write input and output in one video')
    group.add_argument('--overwrite', action='store_true',
                       help='replace outputs that are there')
    group.add_argument('--resume', action='store_true',
                       help='continue where an earlier run was stopped')
    group.add_argument('--dry-run', action='store_true',
                       help='say what would be done, and about how long it '
                       'would take, by all checks of the work and a few '
                       'frames; write nothing')
    group.add_argument('--device', help='cuda, cuda:1, cpu (default: a GPU '
                       'where there is one)')


def _add_model_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        '--devices', metavar='LIST', help='several, such as 0,1 or cpu,cpu: '
        'they share the frames of a video, or the videos of an archive')
    group.add_argument('--dtype', default='auto',
                       choices=('auto', 'float32', 'bfloat16', 'float16'),
                       help='half precision by autocast; auto: float32, but '
                       'bfloat16 for a method that was trained in it, where '
                       'the device is faster with it, as tried once '
                       '(default: auto)')
    group.add_argument('--amp', action='store_const', dest='dtype',
                       const='bfloat16', help='the same as --dtype bfloat16')
    group.add_argument(
        '--backend', default='auto', choices=('auto', *BACKENDS),
        help='what computes; onnxruntime takes networks that mmderain export '
        'has written, and the weights that come with mmderain (default: auto, '
        'what takes the file; for these weights PyTorch on a GPU, and on a '
        'CPU the faster one that is installed)')
    group.add_argument(
        '--hwaccel', metavar='NAME', help='let hardware decode videos where '
        'it gives the frames that the CPU gives: cuda, cuda:1, qsv, as FFmpeg '
        'names them')
    group.add_argument(
        '--tile', type=tile, default='auto', metavar='auto|N|HxW|none',
        help='size of the tiles in pixels; none for whole frames; auto: the '
        "method's own, or what fits into memory (default: auto)")
    group.add_argument('--tile-overlap', type=whole(0, 4096), metavar='PIXELS',
                       help="(default: the method's)")
    group.add_argument(
        '--batch', type=whole(1, 1024), metavar='N', help='tiles that go '
        'through the network at once, or windows where a frame has fewer '
        'tiles; for a large GPU (default: 1)')
    add_settings(group)


def _add_output_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument('--strength', type=float, default=1, metavar='S',
                       help='from 0 (the input) to 1 (the result)')
    group.add_argument('--mask', type=path, metavar='IMAGE',
                       help='keep the input where this is white, such as '
                       'burned-in text')
    group.add_argument(
        '--leave-below', type=float, default=0, metavar='LEVELS',
        help='leave frames as they are whose mean change is less than so many '
        'levels of 255: scenes without rain (default: 0)')
    group.add_argument('--save-maps', action='store_true',
                       help='also write what was removed, and the masks and '
                       'streak maps that the network finds')
    add_encoding_arguments(group)
    group.add_argument('--fps', type=rate,
                       help='of a video made of images (default: 25); of raw '
                       'pictures in a pipe')


def _add_run_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument('--skip-bad-frames', action='store_true',
                       help='leave out what cannot be decoded, and say so')
    group.add_argument('--leave-out-streams', action='store_true',
                       help='continue without sound or subtitles that the '
                       'output cannot hold')
    group.add_argument('--segment-frames', type=whole(1, 1_000_000),
                       default=120, metavar='N',
                       help='frames between two points to resume from')
    how = group.add_mutually_exclusive_group()
    how.add_argument('--quiet', action='store_true',
                     help='print nothing but errors')
    how.add_argument('--json-progress', action='store_true',
                     help='for programs: on standard error a JSON object a '
                     'line, the last one with the exit status')


def _add_archive_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument('--output-dir', type=path_text, metavar='FOLDER',
                       help='write every input there, under its own name; or '
                       'into a store, such as s3://bucket/clean')
    group.add_argument('--list', type=path, metavar='FILE',
                       help='inputs, one a line; or a CSV of input,output; '
                       'paths, or addresses in stores (s3://, gs://, '
                       'http://); - is standard input')
    group.add_argument('--shard', type=shard, metavar='I/N',
                       help='do the I-th of N parts of the list, from 0 on')
    group.add_argument('--summary', type=path, metavar='FILE.json',
                       help='write frames, hours, speed and failures')
    group.add_argument('--stage-dir', type=path, metavar='FOLDER',
                       help='for copies of what is in stores, of one video at '
                       'a time (default: a temporary folder of the system)')


def main(argv: list[str] | None = None) -> int:
    """Derain; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: derain(args),
               say=JsonLines().end if args.json_progress else None)


def _moment(option: str, text: str | None) -> 'Moment | None':
    from mmderain.media.clip_part import Moment

    try:
        return None if text is None else Moment.parse(text)
    except UserError as error:
        raise UserError(f'{option}: {error}') from error


def derain(args: argparse.Namespace) -> int:
    """Derain as the arguments say.

    Returns:
        int: 0, or 1 where videos of an archive failed.

    Raises:
        UserError: The arguments do not fit, or the one input failed.
    """
    places = read_places(args)
    check_arguments(args, places.is_archive)
    check_live(args, places)
    check_engine(args, places.is_archive)
    # these import no PyTorch, which takes seconds
    from mmderain.cli.displays import choose_display, library_notes

    display = choose_display(args, places.is_archive)
    with library_notes(display.note):
        if places.is_live:
            return derain_live(args, places, lambda: _restorer(
                args, _device(args), display, is_live=True), display)
        return _derain_files(args, places, display)


def _derain_files(args: argparse.Namespace, places: Places,
                  display: 'CommandDisplay') -> int:
    from mmderain.cli.dry_run import show_archive_plan, show_plan
    from mmderain.jobs.archive import derain_archive
    from mmderain.jobs.derain_job import DerainJob
    from mmderain.jobs.devices import parse_devices
    from mmderain.jobs.summary_file import SummaryFile
    from mmderain.media.frame_source import require_input

    entries = find_work(args, places, display.note)
    check_use(args, [(entry.source, entry.target) for entry in entries])
    devices = parse_devices(args.devices) if args.devices is not None else ()
    options = replace(_options(args), devices=devices)
    if not places.is_archive:
        require_input(entries[0].source)
    fleet = find_fleet(args)
    # what others compute on may not be here
    device = _device(args) if fleet is None else 'cpu'
    if devices:
        # with several, each has a process, and this one only joins
        device = 'cpu' if len(devices) > 1 else devices[0]
    restorer = _restorer(_going_on(args, entries, display), device, display)
    summary = args.summary and SummaryFile(args.summary, display.note,
                                           args.shard or (0, 1))
    check_dry_run(args, entries)
    if args.dry_run:
        return (show_archive_plan(restorer, entries, options, summary,
                                  display) if places.is_archive
                else show_plan(restorer, *entries, options, display))
    # a polite kill is noticed between two frames, where files can be closed;
    # what else is being done, such as joining, is finished
    with StopSignal(signal.SIGTERM):
        if places.is_archive:
            failed = derain_archive(restorer, entries, options, summary,
                                    display, args.stage_dir, fleet)
            return Exit.PARTLY if failed else Exit.DONE
        entry, = entries
        display.finished(entry.source, DerainJob(
            restorer, entry.source, entry.target, options, display).run())
    return Exit.DONE


def _going_on(args: argparse.Namespace, entries: 'Sequence[Entry]',
              display: 'CommandDisplay') -> argparse.Namespace:
    """The arguments, with the weights that an archive was begun with."""
    from mmderain.jobs.former_weights import begun_with
    from mmderain.restorer.choice import DEFAULT_STAGES

    former = None
    if not (args.overwrite or args.checkpoint is not None):
        former = begun_with(
            (entry.target for number, entry in enumerate(entries)
             if number < _ASKED or not entry.is_stored), args.model)
    if former is None:
        return args
    display.note(
        f'going on with {former.name}, the weights that this was begun with; '
        f'a new --output-dir takes the present {former.replaced_by}')
    return argparse.Namespace(**{
        **vars(args), 'model': former.name,
        # which with a model's name are looked for if they are named
        'remove': args.remove or (
            None if args.model else list(DEFAULT_STAGES))})


def _options(args: argparse.Namespace) -> 'DerainOptions':
    from mmderain.jobs.options import DerainOptions

    return DerainOptions(
        start=_moment('--start', args.start),
        end=_moment('--end', args.end),
        strength=args.strength, mask=args.mask, leave_below=args.leave_below,
        preview=args.preview, save_maps=args.save_maps,
        encoding=encoding(args),
        rate=args.fps or _RATE, overwrite=args.overwrite, resume=args.resume,
        skip_bad_frames=args.skip_bad_frames,
        leave_out_streams=args.leave_out_streams,
        segment_frames=args.segment_frames,
        hardware=_hardware(args.hwaccel))


def _hardware(text: str | None) -> 'Hardware | None':
    from mmderain.media.hardware import Hardware

    return None if text is None else Hardware.parse(text)


def _device(args: argparse.Namespace) -> str | None:
    """The device that is named, if it is there."""
    from mmderain.jobs.devices import check_device

    if args.device is not None:
        check_device(args.device)
    return args.device


def _restorer(args: argparse.Namespace, device: str | None,
              display: 'CommandDisplay', is_live: bool = False
              ) -> 'Restorer | RestorerChain':
    """What restores, loaded; says whose weights these are."""
    from mmderain.restorer import choose_restorer

    settings = read_settings(args)
    if is_live:
        # which takes frames, and time, that there are not
        settings['test_cfg'] = dict(guide=None) | settings.get('test_cfg', {})

    restorer = choose_restorer(
        args.checkpoint, args.model, args.remove, device=device,
        dtype=args.dtype, tile=args.tile, tile_overlap=args.tile_overlap,
        batch=args.batch, backend=args.backend, **settings)
    for weights in restorer.shipped:
        display.note(f'using the weights {weights.name}: {weights.good_for}')
    return restorer
