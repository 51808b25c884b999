"""The command that renders clips with drops on the lens to train on."""

import argparse
from collections import Counter
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from mmderain.cli.clip_engine import spread_of
from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.option_types import path, whole
from mmderain.cli.places import require_outside, require_place
from mmderain.cli.rendering import (
    add_footage_arguments,
    add_rendering_arguments,
    checked_footage,
    read_settings,
    render_into,
    stopped_message,
)
from mmderain.folder_lock import alone_in
from mmderain.models.lens_drops.statistics import PLANES
from mmderain.synthesis.clip_store import SHEET, ClipStore, write_sheet
from mmderain.synthesis.lens_clips import LensClipRenderer, LensClipSettings


def build_parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = CommandParser(
        prog='mmderain render-lens-clips',
        description='Render clips with drops on the lens, and keep what a '
                    'network sees of them. A run that was stopped resumes '
                    'where it was when started again.')
    parser.add_argument('output', type=path, metavar='OUTPUT',
                        help='folder of the set')
    parser.add_argument('--clips', type=whole(1, 1_000_000), default=4000,
                        metavar='N', help='how many (default: 4000)')
    add_footage_arguments(parser, free_of='drops')
    add_rendering_arguments(parser)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Render; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: render(args), stopped_message(args.overwrite))


def render(args: argparse.Namespace) -> None:
    """Render as the arguments say.

    Raises:
        UserError: The settings or the footage are wrong, other clips are
            there, or the disk is full.
    """
    require_outside('OUTPUT', args.output, *args.footage)
    require_place('OUTPUT', args.output, is_folder=True)
    settings = read_settings(args.settings, LensClipSettings())
    footage = checked_footage(args, settings.size)
    spread = spread_of(args)
    with alone_in(args.output):
        store = ClipStore(args.output, {
            'planes.npy': (args.clips, PLANES, *settings.size),
            'target.npy': (args.clips, 2, *settings.size)})
        rendered = render_into(
            store, args.clips, dict(
                settings=asdict(settings), footage=footage),
            partial(LensClipRenderer, settings, args.seed,
                    tuple(args.footage), tuple(args.hold_out)),
            args, spread, 'clips')
        kinds = Counter(facts.get('drops', 'none') for facts in rendered.facts)
        store.finish(dict(drops=dict(kinds)))
        if args.sheet:
            planes, target = (array[:args.sheet] for array in store.arrays())
            store_sheet(store.folder / SHEET, planes, target)
        print(f'{store.folder}: {args.clips} clips, {rendered.new} of them '
              f'rendered in {rendered.seconds:.1f} s; '
              f'{100 * kinds["none"] / args.clips:.1f} % without drops')


def store_sheet(path: Path, planes: np.ndarray, target: np.ndarray) -> None:
    """A picture of frames, beside the covers to be found."""
    frames = planes[:, -3:].transpose(0, 2, 3, 1)
    covers = np.repeat(target[:, 0, ..., None], 3, 3)
    write_sheet(path, np.concatenate([frames, covers], 2))
