"""``mmderain export``: a network as an ONNX file."""

import argparse
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mmderain.backends import EXPORTED, find_exporter, find_quantizer
from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.option_types import path, path_text, size
from mmderain.cli.places import keep_inputs, require_place
from mmderain.errors import UserError
from mmderain.weights import SHIPPED, checked_path, find_weights

if TYPE_CHECKING:  # complaints about arguments do not wait for it
    import numpy as np

# formats that others make of an ONNX file
_BY_TENSORRT = 'trtexec --onnx={source} --saveEngine={output}'
_MADE_OF_ONNX = {
    '.engine': ('TensorRT', _BY_TENSORRT), '.trt': ('TensorRT', _BY_TENSORRT),
    '.plan': ('TensorRT', _BY_TENSORRT), '.xml': ('OpenVINO', 'ovc {source}')}

_NAMES = tuple(weights.name for weights in SHIPPED if weights.is_checkpoint)
# of a clip by which ranges are measured: frames, height and width
_MOST_FRAMES, _LARGEST = 16, (360, 640)


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
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
    parser.add_argument('--int8', nargs='+', type=path, metavar='CLIP',
                        help='convolve numbers of 8 bits, which processors do '
                        'about twice as fast; their ranges are measured on '
                        'these rainy videos or folders of frames')
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
        raise UserError(f'{output}: expected a name that ends in {EXPORTED}.'
                        + _instead_of(output))
    keep_inputs('OUTPUT', output, args.source, *args.int8 or ())
    require_place('OUTPUT', output, overwrite=args.overwrite)
    is_named = not Path(args.source).exists() and any(
        args.source == entry.name for entry in SHIPPED)
    if Path(args.source).suffix.lower() == EXPORTED or (
            is_named and args.source not in _NAMES):
        raise UserError(
            f'{args.source}: expected a checkpoint of mmderain, or a name of '
            f'{", ".join(_NAMES)}, got the name of an exported network. '
            f'mmderain derain --{"model" if is_named else "checkpoint"} '
            f'{args.source} takes it as it is.')
    clips = [_beginning(clip) for clip in args.int8 or ()]
    source, model = Path(args.source), args.model
    if args.source in _NAMES and not source.exists():
        weights = find_weights(args.source)
        source, model = checked_path(weights), weights.method
    with TemporaryDirectory() as folder:
        # what is to become 8 bits is not the output yet
        target = Path(folder) / output.name if clips else output
        said = find_exporter().export_network(source, target, model, args.size)
        psnr = clips and find_quantizer().quantize_network(
            target, output, clips)
    sizes = ('frames of any size' if said.size is None
             else f'frames or tiles of {said.size[0]}x{said.size[1]}')
    print(f'{output}: {said.method}, {sizes}, '
          f'{output.stat().st_size / 1e6:.2f} MB; checked in ONNX Runtime'
          + (f'; 8 bits, {psnr:.1f} dB to float32 on the clips' if clips
             else ''))


def _instead_of(output: Path) -> str:
    """How to come from an ONNX file to what was asked for."""
    if output.suffix.lower() not in _MADE_OF_ONNX:
        return ''
    name, command = _MADE_OF_ONNX[output.suffix.lower()]
    source = output.with_suffix(EXPORTED)
    return (f' {name} makes its own of that file: '
            f'{command.format(source=source, output=output)} (mmderain derain '
            f'computes with {EXPORTED} alone).')


def _beginning(path: Path) -> 'list[np.ndarray]':
    """The middle of a clip's first frames."""
    import numpy as np

    from mmderain.media.frame_source import open_source

    frames = []
    for frame in islice(open_source(path).pictures(), _MOST_FRAMES):
        top, left = (max(0, (side - most) // 2) for side, most in zip(
            frame.shape, _LARGEST, strict=False))
        frames.append(np.ascontiguousarray(
            frame[top:top + _LARGEST[0], left:left + _LARGEST[1]]))
    return frames
