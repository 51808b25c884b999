"""Align rendered clips once, before training: ``mmderain align-clips``."""

import argparse

from mmderain.cli.clip_engine import add_spread_arguments, spread_of
from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.option_types import path
from mmderain.models.aligned_median.window import ALIGNMENTS
from mmderain.weights import GUIDES_OF_TRAINING


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain align-clips',
        description='Move the neighbours of every rendered clip to its frame '
                    'in the middle, by optical flow, and keep them beside the '
                    'clips. A stopped run is resumed.')
    parser.add_argument('folder', type=path,
                        help='with clips.npy and truth.npy of the renderer')
    add_spread_arguments(parser)
    parser.add_argument('--alignment', choices=ALIGNMENTS,
                        default=ALIGNMENTS[0], help='that of the network '
                        f'which is trained (default: {ALIGNMENTS[0]})')
    parser.add_argument('--guide', choices=GUIDES_OF_TRAINING,
                        help='that of the network which is trained: these '
                        'weights see the clips, of nine frames then, first')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace a finished alignment of another kind')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Align; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: align(args),
               'stopped; the same command resumes from here')


def align(args: argparse.Namespace) -> None:
    """Align as the arguments say.

    Raises:
        UserError: The clips cannot be read.
    """
    from mmderain.datasets.aligned_clips import align_clips

    done = align_clips(args.folder, alignment=args.alignment,
                       spread=spread_of(args), overwrite=args.overwrite,
                       guide=args.guide)
    print(f'{args.folder}: {done} clips aligned' if done
          else f'{args.folder}: aligned already')
