"""Compare methods on one set under one protocol: ``mmderain compare``."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import require_config, require_local_checkpoint, run
from mmderain.cli.evaluate import (
    add_scoring_options,
    build_scorers,
    print_scores,
    score_pairs,
    tell_left_out,
)
from mmderain.cli.option_types import path, whole
from mmderain.cli.places import require_outside, require_place
from mmderain.errors import UserError
from mmderain.evaluation.protocols import get_protocol
from mmderain.files import write_whole
from mmderain.version import __version__

if TYPE_CHECKING:  # complaints about arguments do not import PyTorch
    from mmderain.evaluation.comparison import MethodScores, ModelRun
    from mmderain.evaluation.sequences import SequencePair
    from mmderain.evaluation.set_scores import SetScores
    from mmderain.media.frame_source import FrameSource

_RAINY = 'rainy'
_OUTPUTS = ('table.md', 'grid.png')  # beside the methods' folders


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain compare',
        description='Score several methods on one set under one protocol. '
        'Writes table.md, grid.png and, for each method, its scores and '
        'restored frames.')
    parser.add_argument('truth', type=path, metavar='GT',
                        help='clean sequences, as for mmderain evaluate')
    parser.add_argument('output', type=path, metavar='OUTPUT', help='folder')
    parser.add_argument('--input', type=path, metavar='FOLDER',
                        help='rainy sequences: what models restore; they are '
                        'scored, too')
    parser.add_argument('--result', nargs=2, action='append', default=[],
                        metavar=('NAME', 'FOLDER'),
                        help='restored sequences of some method; repeat it')
    parser.add_argument('--model', nargs=3, action='append', default=[],
                        metavar=('NAME', 'CONFIG', 'CHECKPOINT'),
                        help='a model to restore the input with; repeat it')
    parser.add_argument('--rows', type=whole(1), default=3,
                        help='sequences in the picture (default: 3)')
    add_scoring_options(parser)
    parser.add_argument('--overwrite', action='store_true',
                        help='replace what is in OUTPUT under the same names')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Compare; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: compare(args))


def compare(args: argparse.Namespace) -> None:
    """Restore, score, print and write.

    Raises:
        UserError: Names clash, there is nothing to compare, or what
            ``mmderain evaluate`` refuses.
    """
    get_protocol(args.protocol)
    results = _results(args)
    require_outside('OUTPUT', args.output, args.truth, *filter(None, (
        args.input, *(Path(folder) for _, folder in args.result))))
    require_place('OUTPUT', args.output, True, args.overwrite)
    for place in (*_OUTPUTS, *(
            f'{name}/{scores}' for name in _names(args)
            for scores in ('scores.json', 'scores.csv'))):
        require_place('OUTPUT', args.output / place)
    for _, config, checkpoint in args.model:
        require_config(config)
        require_local_checkpoint(checkpoint)
    import torch

    from mmderain.cli.model_runs import restore_apart
    from mmderain.evaluation.comparison import (
        MethodScores,
        draw_grid,
        format_markdown,
    )
    from mmderain.evaluation.sequences import find_sequences

    # before hours of restoring: does what is there pair up?
    for _, folder, _ in results:
        _pair(args, folder)
    tell_left_out(args.truth, *(folder for _, folder, _ in results))
    sequences = find_sequences(args.input) if args.model else []
    folders = [args.output / name / 'restored' for name, *_ in args.model]
    for folder in folders:
        _require_no_others(folder, sequences)
    for folder, (name, config, checkpoint) in zip(folders, args.model,
                                                  strict=True):
        print(f'{name}: restoring', flush=True)
        cost = restore_apart(config, checkpoint, sequences, folder,
                             torch.get_num_threads())
        results.append((name, folder, cost))
    methods = [MethodScores(name, _score(args, name, folder), cost)
               for name, folder, cost in results]
    names = dict.fromkeys(name for method in methods
                          for name in method.scores.names)
    scores = methods[0].scores
    frames = sum(len(item.rows) for item in scores.sequences)
    table = '\n'.join([
        format_markdown(methods, list(names)), '',
        f'Protocol {scores.protocol.name}: {scores.protocol.describe()}. '
        f'{len(scores.sequences)} sequences, {frames} frames of '
        f'{args.truth}. mmderain {__version__}.', *_cost_note(methods), ''])
    write_whole(args.output / 'table.md', table, parents=True)
    draw_grid(methods, args.output / 'grid.png', args.rows)
    print(f'\n{table}\npicture: {args.output / "grid.png"}')


def _results(args: argparse.Namespace
             ) -> 'list[tuple[str, Path, ModelRun | None]]':
    """Name, folder and cost of what is there already."""
    if args.model and args.input is None:
        raise UserError('--model needs --input FOLDER, the rainy sequences.')
    results = [(_RAINY, args.input, None)] if args.input else []
    results += [(name, Path(folder), None) for name, folder in args.result]
    names = _names(args)
    if not names:
        raise UserError('There is nothing to compare; add --input, --result '
                        'or --model.')
    for name in names:
        if names.count(name) > 1 or not re.fullmatch(r'\w[\w.+-]*', name):
            raise UserError(
                f'{name!r} cannot be the name of a method: expected letters, '
                f'digits and -+._, each name once ({_RAINY} is the input).')
        if name.lower() in _OUTPUTS:
            raise UserError(f'{name!r} cannot be the name of a method: a file '
                            'of the comparison is called so. Choose another.')
    return results


def _names(args: argparse.Namespace) -> list[str]:
    """Of all methods."""
    return [_RAINY] * bool(args.input) + [
        name for name, *_ in (*args.result, *args.model)]


def _require_no_others(folder: Path, sequences: 'list[FrameSource]') -> None:
    """Refuse frames of another set, which would be scored, too."""
    ours = {Path(sequence.name, f'{image.stem}.png') for sequence in sequences
            for image in sequence.images or ()}
    numbered = {Path(sequence.name) for sequence in sequences
                if sequence.images is None}
    for frame in filter(Path.is_file, sorted(folder.rglob('*'))):
        place = frame.relative_to(folder)
        if place not in ours and place.parent not in numbered:
            raise UserError(f'{frame}: expected no frames but those of the '
                            f'input. Move {folder} away, or choose another '
                            'OUTPUT.')


def _pair(args: argparse.Namespace, folder: Path) -> 'list[SequencePair]':
    from mmderain.evaluation.sequences import pair_sequences

    return pair_sequences(folder, args.truth,
                          get_protocol(args.protocol).dropped_ends,
                          args.by_order)


def _score(args: argparse.Namespace, name: str, folder: Path) -> 'SetScores':
    pairs = _pair(args, folder)
    scores = score_pairs(pairs, get_protocol(args.protocol),
                         build_scorers(args, pairs))
    print(f'\n{name}')
    print_scores(scores)
    scores.write_json(args.output / name / 'scores.json', method=name,
                      mmderain=__version__, results=str(folder),
                      truth=str(args.truth))
    scores.write_csv(args.output / name / 'scores.csv')
    return scores


def _cost_note(methods: 'list[MethodScores]') -> list[str]:
    if not any(method.run for method in methods):
        return []
    import torch

    place = (torch.cuda.get_device_name() if torch.cuda.is_available()
             else f'CPU, {torch.get_num_threads()} threads')
    return [f'Time and memory on: {place}. Time is restoring alone, without '
            'reading and writing; memory is the most that '
            + ('PyTorch took on the GPU.' if torch.cuda.is_available() else
               'the process took, with PyTorch and a sequence in it.')]
