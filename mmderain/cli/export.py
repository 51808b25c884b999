"""``mmderain export``: a network as an ONNX file."""

import argparse
from pathlib import Path

from mmderain.backends import EXPORTED, find_exporter
from mmderain.cli.common import require_place, run
from mmderain.cli.option_types import path, path_text, size
from mmderain.errors import UserError
from mmderain.weights import SHIPPED, checked_path, find_weights

_NAMES = tuple(weights.name for weights in SHIPPED)


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = argparse.ArgumentParser(
        prog='mmderain export',
        description='Write the network of a checkpoint as an ONNX file, and '
        'compare what ONNX Runtime makes of it with PyTorch. `mmderain derain '
        '--checkpoint FILE.onnx` takes it, and needs no PyTorch for it.')
    parser.add_argument('source', type=path_text, metavar='CHECKPOINT',
                        help='a file of mmderain, or the name of weights that '
                        f'come with it: {", ".join(_NAMES)}')
    parser.add_argument('output', type=path, metavar='OUTPUT.onnx')
    parser.add_argument('--model', help='the method, for checkpoints that do '
                        'not say it')
    parser.add_argument('--size', type=size, metavar='HxW',
                        help='take frames or tiles of this size alone; '
                        'ViMP-Net can no other (default: any, or tiles of '
                        '256x256 for ViMP-Net)')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace OUTPUT if it is there')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Export; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: export(args))


def export(args: argparse.Namespace) -> None:
    """Export one network.

    Raises:
        UserError: The checkpoint cannot be read, the output is there already
            or has another ending, or the check fails.
    """
    output = args.output
    if output.suffix.lower() != EXPORTED:
        raise UserError(f'{output}: expected a name that ends in {EXPORTED}.')
    require_place('OUTPUT', output, overwrite=args.overwrite)
    source, model = Path(args.source), args.model
    if args.source in _NAMES and not source.exists():
        weights = find_weights(args.source)
        source, model = checked_path(weights), weights.method
    said = find_exporter().export_network(source, output, model, args.size)
    sizes = ('frames of any size' if said.size is None
             else f'frames or tiles of {said.size[0]}x{said.size[1]}')
    print(f'{output}: {said.method}, {sizes}, '
          f'{output.stat().st_size / 1e6:.2f} MB; checked in ONNX Runtime')
