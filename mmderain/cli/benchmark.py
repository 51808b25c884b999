"""Time a network against what its machine can do at most.

Seconds alone say little on a machine that nobody knows. So the ceilings (a
matrix product and a convolution, in the same number format) are measured in
the same run, between the runs of the network, and the network's arithmetic is
given as a share of them.
"""

import argparse
import json
import math
import re

from mmderain.cli.common import require_place, run
from mmderain.cli.option_types import path, whole
from mmderain.errors import UserError
from mmderain.files import write_json
from mmderain.methods import METHODS, get_method

_MOST_NUMBERS = 1 << 31


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = argparse.ArgumentParser(
        prog='mmderain benchmark',
        description='Time a network, and the machine with it')
    parser.add_argument('method', help=f'one of {", ".join(sorted(METHODS))}')
    parser.add_argument('--size', default='5x256x256', metavar='[T]xHxW',
                        help='frames, height and width of the input; height '
                        'and width alone for a network of single images '
                        '(default: %(default)s)')
    parser.add_argument('--channels', type=whole(1, 1024), default=3,
                        help='3 for RGB, 1 for luma (default: 3)')
    parser.add_argument('--batch', type=whole(1, 100_000), default=1)
    parser.add_argument('--dtype', default='float32',
                        choices=['float32', 'bfloat16', 'float16'],
                        help='half precision by autocast')
    parser.add_argument('--device', choices=['cpu', 'cuda'], default='cpu')
    parser.add_argument('--threads', type=whole(1, 1024),
                        help='threads of PyTorch (default: its own choice)')
    parser.add_argument('--runs', type=whole(1, 100_000), default=5)
    parser.add_argument('--network-args', nargs='+', default=[],
                        metavar='KEY=VALUE',
                        help='arguments of the network, or one JSON object')
    parser.add_argument('--json', type=path, metavar='FILE',
                        help='write the figures')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace figures that are there')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: benchmark(args))


def benchmark(args: argparse.Namespace) -> None:
    """Measure, print and write.

    Raises:
        UserError: The method, the size or the network's arguments are wrong,
            there is no such device, or --json cannot be written.
    """
    require_place('--json', args.json, overwrite=args.overwrite)
    shape = _input_shape(args)
    arguments = parse_network_args(args.network_args)
    get_method(args.method)
    # takes seconds to import, complaints shall not
    import torch

    from mmderain.cli.network_speed import (
        build_network,
        describe_machine,
        measure,
    )

    if args.device == 'cuda' and not torch.cuda.is_available():
        raise UserError('PyTorch sees no GPU here; --device cpu measures the '
                        'processor.')
    if args.threads:
        torch.set_num_threads(args.threads)
    network = build_network(args.method, arguments).to(args.device)
    figures = dict(
        method=args.method, input=list(shape), dtype=args.dtype,
        machine=describe_machine(args.device),
        parameters=sum(p.numel() for p in network.parameters()),
        **measure(network, torch.rand(shape, device=args.device),
                  getattr(torch, args.dtype), args.runs))
    print(format_table(figures))
    if args.json:
        write_json(args.json, figures, parents=True)


def parse_network_args(items: list[str]) -> dict:
    """``['a=1', 'b=[2, 3]']`` or ``['{"a": 1}']`` -> a dict.

    Raises:
        UserError: An item is neither.
    """
    arguments = {}
    for item in items:
        key, equals, value = item.partition('=')
        try:
            if item.startswith('{'):
                arguments.update(json.loads(item))
            elif equals:
                arguments[key] = json.loads(value)
            else:
                raise UserError(f'--network-args takes KEY=VALUE, but got '
                                f'{item!r}')
        except json.JSONDecodeError as error:
            raise UserError(f'--network-args: {item!r} is not a JSON value: '
                            f'{error}') from error
    return arguments


def format_table(figures: dict) -> str:
    """The figures as lines of text."""
    machine = figures['machine']
    place = machine.get('gpu') or (
        f'{machine.get("processor", "CPU")}, {machine["threads"]} threads')
    rows = [
        ('method', f'{figures["method"]}, input '
         f'{"x".join(map(str, figures["input"]))}, {figures["dtype"]}'),
        ('machine', place),
        ('instructions', machine['instructions']),
        ('parameters', f'{figures["parameters"] / 1e6:.2f} M'),
        ('operations', f'{figures["operations"] / 1e9:.1f} GFLOP'),
        ('time', f'{figures["seconds_min"]:.3f} s at best, '
         f'{figures["seconds_median"]:.3f} s median of '
         f'{len(figures["seconds"])}'),
        ('achieved', f'{figures["gflops"]:.0f} GFLOP/s at best'),
        ('ceilings', f'{figures["matmul_gflops"]:.0f} GFLOP/s matrix '
         f'product, {figures["conv_gflops"]:.0f} 3x3 convolution'),
        ('share', f'{100 * figures["share_of_matmul"]:.0f} % of the matrix '
         'product'),
        ('peak memory', f'{figures["peak_memory_bytes"] / 2**30:.2f} GiB, '
         f'{figures["memory_before_bytes"] / 2**30:.2f} of it before the '
         'first run'),
    ]
    return '\n'.join(f'{name:<13} {text}' for name, text in rows)


def _input_shape(args: argparse.Namespace) -> tuple[int, ...]:
    if not re.fullmatch(r'([1-9]\d*x){1,2}[1-9]\d*', args.size):
        raise UserError(f'--size takes FRAMESxHEIGHTxWIDTH or HEIGHTxWIDTH, '
                        f'such as 5x256x256, but got {args.size!r}')
    *frames, height, width = map(int, args.size.split('x'))
    shape = (args.batch, *frames, args.channels, height, width)
    if math.prod(shape) > _MOST_NUMBERS:
        raise UserError(f'--size {args.size}: expected an input of '
                        f'{_MOST_NUMBERS} numbers at most, got '
                        f'{math.prod(shape)}. Choose a smaller --size or '
                        '--batch.')
    return shape
