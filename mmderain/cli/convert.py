"""Convert an official checkpoint: behind ``tools/convert_checkpoint.py``."""

import argparse

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.option_types import path, path_text
from mmderain.cli.places import keep_inputs, require_place


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    from mmderain.methods import METHODS
    parser = CommandParser(
        prog='mmderain convert',
        description='Turn a released checkpoint into one of mmderain')
    released = sorted(name for name, method in METHODS.items()
                      if method.conversion is not None)
    parser.add_argument('method', choices=released,
                        help='the released network')
    parser.add_argument('source', type=path_text, help='the released file')
    parser.add_argument('output', type=path,
                        help='file to write: .pth, or .safetensors')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace OUTPUT if it is there')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Convert; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: convert(args))


def convert(args: argparse.Namespace) -> None:
    """Convert one file.

    Raises:
        UserError: The source cannot be read or holds another network, or the
            output is there already.
    """
    from mmderain.checkpoints.conversion import convert_file
    from mmderain.errors import UserError

    output = args.output
    keep_inputs('OUTPUT', output, args.source)
    require_place('OUTPUT', output)
    if output.exists() and not args.overwrite:
        raise UserError(f'{output} is there already; --overwrite replaces it.')
    if not output.parent.is_dir():
        raise UserError(f'{output.parent} is not a folder to write to.')
    count = convert_file(args.method, args.source, output)
    print(f'{output}: {count} tensors of {args.method}. Now, for example: '
          f'mmderain derain rainy.mp4 clean.mp4 --checkpoint {output}')
