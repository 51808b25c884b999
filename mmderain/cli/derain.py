"""Rainy video in, clean video out: ``mmderain derain``."""

import argparse
import signal
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from mmderain.cli.common import run
from mmderain.cli.derain_checks import (
    check_arguments,
    check_dry_run,
    check_use,
)
from mmderain.cli.derain_encoding import encoding
from mmderain.cli.derain_engine import check_engine, find_fleet
from mmderain.cli.derain_live import check_live, derain_live
from mmderain.cli.derain_options import build_parser
from mmderain.cli.derain_part import read_part
from mmderain.cli.derain_places import Places, find_work, read_places
from mmderain.cli.exit_codes import Exit
from mmderain.cli.model_settings import read_settings
from mmderain.cli.progress_lines import JsonLines
from mmderain.processes import StopSignal

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmderain.cli.displays import CommandDisplay
    from mmderain.jobs.archive_list import Entry
    from mmderain.jobs.options import DerainOptions
    from mmderain.media.hardware import Hardware
    from mmderain.restorer import Restorer, RestorerChain

# of what is made of images
_RATE = Fraction(25)
# records in a store, each of which is waited for
_ASKED = 100


def main(argv: list[str] | None = None) -> int:
    """Derain; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: derain(args),
               say=JsonLines().end if args.json_progress else None)


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
    if args.duration is not None:
        display.note(f'no more than {args.duration} of it (-t is --duration; '
                     'tiles are --tile)')
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
    return _with_model(args, former.name)


def _with_model(args: argparse.Namespace, name: str) -> argparse.Namespace:
    """The arguments, with other weights, which do what they said."""
    from mmderain.restorer.choice import DEFAULT_STAGES

    remove = args.remove or (None if args.model else list(DEFAULT_STAGES))
    if remove is not None and 'streaks' not in remove:
        return args
    return argparse.Namespace(**{
        **vars(args), 'model': name,
        # with a model's name drops are looked for if they are named
        'remove': remove})


def _options(args: argparse.Namespace) -> 'DerainOptions':
    from mmderain.jobs.options import DerainOptions

    start, end = read_part(args)
    return DerainOptions(
        start=start, end=end,
        strength=args.strength, mask=args.mask, leave_below=args.leave_below,
        preview=args.preview, save_maps=args.save_maps,
        encoding=encoding(args),
        rate=args.fps or _RATE, overwrite=args.overwrite, resume=args.resume,
        skip_bad_frames=args.skip_bad_frames,
        leave_out_streams=args.leave_out_streams,
        leave_out_sound=args.no_sound,
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
    from mmderain.weights import FOR_LIVE, find_weights

    settings = read_settings(args)
    if is_live and args.checkpoint is None:
        if args.model is None:
            args = _with_model(args, FOR_LIVE)
        if not find_weights(args.model).sees_guide:
            # a guide takes time that there is not
            settings['test_cfg'] = dict(guide=None) | settings.get(
                'test_cfg', {})
    restorer = choose_restorer(
        args.checkpoint, args.model, args.remove, device=device,
        dtype=args.dtype, tile=args.tile, tile_overlap=args.tile_overlap,
        batch=args.batch, backend=args.backend, **settings)
    for weights in restorer.shipped:
        display.note(f'using the weights {weights.name}: {weights.good_for}')
    return restorer
