"""The command that renders a set of clips to train on."""

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from functools import partial

import numpy as np

from mmderain.cli.clip_engine import spread_of
from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.option_types import path, whole
from mmderain.cli.places import require_place
from mmderain.cli.rendering import (
    add_footage_arguments,
    add_rendering_arguments,
    checked_footage,
    read_settings,
    render_into,
    stopped_message,
)
from mmderain.errors import UserError
from mmderain.folder_lock import alone_in
from mmderain.synthesis.clip_store import SHEET, ClipStore, write_sheet
from mmderain.synthesis.free_pictures import FREE_PICTURES
from mmderain.synthesis.training_clips import (
    SPLITS,
    TrainingClipRenderer,
    TrainingClipSettings,
)


def build_parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = CommandParser(
        prog='mmderain render-clips',
        description='Render short clips in varied rain, and their clean '
                    'centre frames, to train a network on. A run that was '
                    'stopped resumes where it was when started again.')
    parser.add_argument('output', type=path, metavar='OUTPUT',
                        help='folder of the set; train and val are made in it')
    parser.add_argument('--train', type=whole(0, 1_000_000), default=4800,
                        metavar='N', help='training clips (default: 4800)')
    parser.add_argument('--val', type=whole(0, 1_000_000), default=300,
                        metavar='N',
                        help='validation clips, of other pictures '
                             '(default: 300)')
    add_footage_arguments(parser, free_of='rain')
    add_rendering_arguments(parser)
    return parser


def summary_of(facts: list[dict]) -> dict:
    """Shares of kinds of clips, and how rainy they are."""
    rains = [item['rain'] for item in facts if 'rain' in item]
    psnr = [item['psnr'] for item in facts if 'rain' in item]
    count = max(1, len(facts))
    return dict(
        clips=len(facts),
        without_rain=round(1 - len(rains) / count, 4),
        with_distractor=round(
            sum('distractor' in item for item in facts) / count, 4),
        backgrounds=dict(Counter(item['background'] for item in facts)),
        negatives=dict(Counter(item['negative'] for item in facts
                               if 'negative' in item)),
        drawn_anew=sum(item['attempt'] for item in facts),
        compositions=dict(Counter(rain['composition'] for rain in rains)),
        psnr_percentiles={
            str(percent): round(float(np.percentile(psnr, percent)), 2)
            for percent in (0, 5, 25, 50, 75, 95, 100)} if psnr else {})


def _render_split(args: argparse.Namespace, split: str, count: int,
                  settings: TrainingClipSettings, footage: dict[str, str],
                  spread: Callable) -> str:
    """Render one split; the line that says what was made."""
    store = ClipStore(args.output / split, {
        'clips.npy': (count, settings.num_frames, *settings.size, 3),
        'truth.npy': (count, *settings.size, 3)})
    pictures = {name: FREE_PICTURES[name]._asdict()
                for name in settings.pictures(split)}
    rendered = render_into(
        store, count, dict(split=split, pictures=pictures,
                           settings=asdict(settings), footage=footage),
        partial(TrainingClipRenderer, settings, args.seed, split,
                tuple(args.footage), tuple(args.hold_out)), args, spread,
        split)
    summary = summary_of(rendered.facts)
    store.finish(summary)
    if args.sheet:
        clips, truth = (array[:args.sheet] for array in store.arrays())
        write_sheet(store.folder / SHEET,
                    np.concatenate([clips[:, clips.shape[1] // 2], truth], 2))
    median = summary['psnr_percentiles'].get('50', 'no')
    return (f'{store.folder}: {count} clips, {rendered.new} of them rendered '
            f'in {rendered.seconds:.1f} s; '
            f'{100 * summary["without_rain"]:.1f} % without rain, '
            f'{100 * summary["with_distractor"]:.1f} % with lines, grids or '
            f'text; median of the rainy {median} dB')


def main(argv: list[str] | None = None) -> int:
    """Render; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: render(args), stopped_message(args.overwrite))


def render(args: argparse.Namespace) -> None:
    """Render as the arguments say.

    Raises:
        UserError: The settings are wrong, other clips are there, or the disk
            is full.
    """
    if not args.train and not args.val:
        raise UserError('--train 0 --val 0: expected a clip at least. Give '
                        'one of them a number.')
    require_place('OUTPUT', args.output, is_folder=True)
    settings = read_settings(args.settings, TrainingClipSettings())
    footage = checked_footage(args, settings.size)
    spread = spread_of(args)
    for split in SPLITS:
        count = getattr(args, split)
        if count:
            with alone_in(args.output / split):
                print(_render_split(args, split, count, settings, footage,
                                    spread))
