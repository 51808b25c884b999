"""From a training checkpoint to the files that come with the package."""

import argparse
import re
from typing import TYPE_CHECKING

from mmderain.backends import EXPORTED, find_exporter
from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import require_local_checkpoint, run
from mmderain.cli.option_types import path, path_text
from mmderain.cli.places import keep_inputs, require_place
from mmderain.errors import CheckpointError, UserError
from mmderain.files import digest, write_whole
from mmderain.weights import FOLDER

if TYPE_CHECKING:  # complaints about arguments do not import PyTorch
    from torch import Tensor

_LIMIT = 1_000_000


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain ship-weights',
        description='Take the network of a training checkpoint, without '
                    'optimiser and logs, into a small file, export it as '
                    'another (ONNX), and print their lines of the table in '
                    'mmderain/weights/__init__.py.')
    parser.add_argument('checkpoint', type=path_text,
                        help='that our training wrote')
    parser.add_argument('name', help='of the weights; also of their files')
    parser.add_argument('--folder', type=path, default=FOLDER,
                        help='(default: mmderain/weights)')
    parser.add_argument('--safetensors', action='store_true',
                        help='NAME.safetensors in the place of NAME.pth')
    parser.add_argument('--half', action='store_true',
                        help='in float16: half the size. Compare the scores '
                        'of both files first')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace files that are there')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Write the files; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: ship(args))


def ship(args: argparse.Namespace) -> None:
    """Write as the arguments say.

    Raises:
        CheckpointError: It is none of ours, or does not fit its description.
        UserError: The name is none of a file, the result would be too large,
            is there already or cannot be written.
    """
    require_local_checkpoint(args.checkpoint)
    if not re.fullmatch(r'\w[\w.-]*', args.name):
        raise UserError('expected a name of letters, digits, dots, hyphens '
                        f'and underscores, got {args.name!r}.')
    target, exported = (args.folder / f'{args.name}{suffix}'
                        for suffix in ('.safetensors' if args.safetensors
                                       else '.pth', EXPORTED))
    for item in (target, exported):
        keep_inputs('--folder', item, args.checkpoint)
        require_place('--folder', item, overwrite=args.overwrite)
    # what is missing is told before anything is written
    exporter = find_exporter()
    import torch

    from mmderain.checkpoints.description import load_method
    from mmderain.checkpoints.safe_loading import load_checkpoint_file
    from mmderain.checkpoints.safetensors_file import checkpoint_content
    from mmderain.checkpoints.strict_loading import require_finite

    # whatever is wrong with the file is said by what will read it
    method, network = load_method(args.checkpoint)
    said = load_checkpoint_file(
        args.checkpoint, map_location='cpu')['meta']['mmderain']
    dtype = torch.float16 if args.half else torch.float32
    weights = {f'generator.{name}': value.to(dtype).contiguous()
               if value.is_floating_point() else value
               for name, value in network.state_dict().items()}
    require_finite(network.state_dict(), args.checkpoint)
    _check_half(args.checkpoint, network.state_dict(), weights)
    content = checkpoint_content(target, said, weights)
    if len(content) >= _LIMIT:
        raise UserError(f'{args.checkpoint}: its network takes '
                        f'{len(content)} bytes; shipped weights stay below '
                        f'{_LIMIT}. --half halves them.')
    write_whole(target, content, parents=True)
    exporter.export_network(target, exported, method.name)
    print(f'wrote {target} and {exported}. In '
          'mmderain/weights/__init__.py:\n\n'
          f'    ShippedWeights(\n'
          f'        name={args.name!r},\n'
          f'        file={target.name!r},\n'
          f'        sha256={_halves(digest(target), 8)},\n'
          f'        size={len(content)},\n'
          f'        method={method.name!r},\n'
          f"        good_for='...',\n"
          f"        card='{args.name}.md',\n"
          f'        exported=ExportedFile(\n'
          f'            {exported.name!r},\n'
          f'            {_halves(digest(exported), 12)}, '
          f'{exported.stat().st_size})),')


def _halves(text: str, indent: int) -> str:
    """A digest as Python of two lines."""
    half = len(text) // 2
    return f"'{text[:half]}'\n{' ' * indent}'{text[half:]}'"


def _check_half(source: str, weights: 'dict[str, Tensor]',
                written: 'dict[str, Tensor]') -> None:
    """Refuse weights that become useless when written."""
    for name, value in weights.items():
        if not written[f'generator.{name}'].isfinite().all():
            raise CheckpointError(
                f'{source}: {name} has values up to '
                f'{value.abs().max().item():.3g}, more than half precision '
                'holds (65504). Leave --half out.')
