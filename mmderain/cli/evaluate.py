"""``mmderain evaluate RESULTS GT``: score frames, whoever restored them."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.option_types import path, path_text
from mmderain.cli.places import (
    keep_inputs,
    require_apart,
    require_outside,
    require_place,
)
from mmderain.errors import UserError
from mmderain.evaluation.protocols import PROTOCOLS, Protocol, get_protocol
from mmderain.version import __version__

if TYPE_CHECKING:  # complaints about arguments do not import PyTorch
    from mmderain.evaluation.scorers import Scorer
    from mmderain.evaluation.sequences import SequencePair
    from mmderain.evaluation.set_scores import SetScores


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain evaluate',
        description='Score restored frames against clean ones by a named '
        'protocol',
        epilog='protocols:\n' + '\n'.join(
            f'  {name:<16} {protocol.describe()}'
            for name, protocol in PROTOCOLS.items()))
    parser.add_argument('results', type=path, metavar='RESULTS',
                        help='restored: folder of frames, folder of such '
                        'folders or of videos, a video, or an image')
    parser.add_argument('truth', type=path, metavar='GT',
                        help='clean: the same')
    add_scoring_options(parser)
    parser.add_argument('--json', type=path, metavar='FILE',
                        help='write the figures of set and sequences')
    parser.add_argument('--csv', type=path, metavar='FILE',
                        help='write the scores of every frame')
    parser.add_argument('--plot', type=path, metavar='FOLDER',
                        help='draw curves over the frames of each sequence, '
                        'and the worst frames')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace figures and curves that are there')
    return parser


def add_scoring_options(parser: argparse.ArgumentParser) -> None:
    """What every command that scores asks."""
    parser.add_argument('--protocol', required=True,
                        metavar=f'{{{",".join(PROTOCOLS)}}}',
                        help='how to score: as the script does by which '
                        'papers on a set were scored; see docs/evaluation.md')
    parser.add_argument('--by-order', action='store_true',
                        help='pair frames in their order, not by their '
                        'numbers or names')
    parser.add_argument('--no-tof', action='store_true',
                        help='leave out tOF, the distance of optical flows')
    parser.add_argument('--lpips', action='store_true',
                        help="add LPIPS (downloads torchvision's AlexNet, "
                        '233 MB, once)')
    parser.add_argument('--lpips-weights', type=path_text, metavar='FILE',
                        help="add LPIPS, with torchvision's AlexNet from this "
                        'file')


def main(argv: list[str] | None = None) -> int:
    """Evaluate; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: evaluate(args))


def evaluate(args: argparse.Namespace) -> None:
    """Score, print, write and plot.

    Raises:
        UserError: There is no such protocol, frames have no counterpart or
            cannot be scored, or a file cannot be written.
    """
    protocol = get_protocol(args.protocol)
    _check_places(args)
    from mmderain.evaluation.sequences import pair_sequences

    pairs = pair_sequences(args.results, args.truth, protocol.dropped_ends,
                           args.by_order)
    tell_left_out(args.results, args.truth)
    scores = score_pairs(pairs, protocol, build_scorers(args, pairs))
    print_scores(scores)
    if args.json:
        scores.write_json(args.json, mmderain=__version__,
                          results=str(args.results), truth=str(args.truth))
    if args.csv:
        scores.write_csv(args.csv)
    if args.plot:
        # here, as Matplotlib takes a second
        from mmderain.evaluation.plots import draw_worst, plot_curves
        plot_curves(scores, args.plot)
        draw_worst(scores, args.plot / 'worst.png')


def _check_places(args: argparse.Namespace) -> None:
    """Refuse outputs that cannot be, or would spoil what is scored."""
    for option, place in (('--json', args.json), ('--csv', args.csv)):
        keep_inputs(option, place, args.results, args.truth)
    require_place('--json', args.json, overwrite=args.overwrite)
    require_place('--csv', args.csv, overwrite=args.overwrite)
    require_place('--plot', args.plot, True, args.overwrite)
    require_apart(json=args.json, csv=args.csv, plot=args.plot)
    require_outside('--plot', args.plot, args.results, args.truth)
    from mmderain.media.images import IMAGE_SUFFIXES
    from mmderain.media.video_info import VIDEO_SUFFIXES

    for option, place in (('--json', args.json), ('--csv', args.csv)):
        # a text beside frames does no harm, in the place of one it does
        if place is not None and place.suffix.lower() in {
                *IMAGE_SUFFIXES, *VIDEO_SUFFIXES}:
            raise UserError(f'{option} {place}: expected the name of a text, '
                            f'such as {place.stem}.{option[2:]}, got that of '
                            'pictures. Choose another name.')


def build_scorers(args: argparse.Namespace,
                  pairs: 'list[SequencePair]') -> 'list[Scorer]':
    """What the options ask for; LPIPS only if it can be had."""
    from mmderain.evaluation.scorers import (
        FlowScorer,
        ProtocolScorer,
        TemporalErrorScorer,
    )

    protocol = get_protocol(args.protocol)
    scorers: list[Scorer] = [ProtocolScorer(protocol)]
    if args.lpips or args.lpips_weights:
        from mmderain.evaluation.lpips_scorer import LPIPSScorer
        try:
            scorers.append(LPIPSScorer(protocol.lpips_order,
                                       args.lpips_weights))
        except UserError as error:
            print(f'LPIPS is left out: {error}', file=sys.stderr)
    # single images do not move
    if any(pair.num_frames != 1 for pair in pairs):
        scorers.append(TemporalErrorScorer())
        if not args.no_tof:
            scorers.append(FlowScorer())
    return scorers


def tell_left_out(*places: Path) -> None:
    """Say what of them is not scored."""
    from mmderain.evaluation.sequences import left_out

    for place in places:
        for line in left_out(place):
            print(line, file=sys.stderr)


def score_pairs(pairs: 'list[SequencePair]', protocol: Protocol,
                scorers: 'list[Scorer]') -> 'SetScores':
    """Score with a progress bar."""
    from tqdm import tqdm

    from mmderain.evaluation.set_scores import score_set

    counts = [pair.num_frames for pair in pairs]
    total = None if None in counts else sum(counts)
    with tqdm(total=total, unit='frame', mininterval=1, leave=False) as bar:

        def tell(name: str) -> None:
            bar.set_description(name, refresh=False)
            bar.update()

        return score_set(pairs, protocol, scorers, tell)


def print_scores(scores: 'SetScores') -> None:
    """The table, what it means, and what is wrong with it."""
    print(scores.format_table())
    print(f'protocol {scores.protocol.name}: {scores.protocol.describe()}')
    for problem in scores.problems():
        print(f'WARNING: {problem}', file=sys.stderr)
