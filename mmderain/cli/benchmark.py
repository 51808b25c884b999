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
from collections.abc import Sequence

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.option_types import path, whole
from mmderain.cli.places import require_place
from mmderain.errors import UserError
from mmderain.files import parse_json, write_json
from mmderain.methods import METHODS, get_method

_MOST_NUMBERS = 1 << 31


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain benchmark',
        description='Time a network, and the machine with it; with '
        '--official the official orders of work and ours in turns; with '
        '--all every method in every kind of numbers')
    parser.add_argument('methods', nargs='*', metavar='method',
                        help=f'one of {", ".join(sorted(METHODS))}; with '
                        '--official and --all one, several, or none for all')
    parser.add_argument('--official', action='store_true',
                        help='compare with the order of work of the official '
                        'code, in float32, in turns')
    parser.add_argument('--all', action='store_true',
                        help='write a table of times, shares and memory, and '
                        'plots of how they grow, into --output')
    parser.add_argument('--output', type=path, metavar='FOLDER',
                        help='of --all: gets performance.md, performance.json '
                        'and growth.png')
    parser.add_argument('--size', metavar='[T]xHxW',
                        help='frames, height and width of the input; height '
                        'and width alone for a network of single images and '
                        'with --all (default: 5x256x256; 256x256 with --all; '
                        "the official order's own with --official)")
    parser.add_argument('--channels', type=whole(1, 1024),
                        help='3 for RGB, 1 for luma (default: 3)')
    parser.add_argument('--batch', type=whole(1, 100_000),
                        help='(default: 1)')
    parser.add_argument('--dtype', choices=['float32', 'bfloat16', 'float16'],
                        help='half precision by autocast (default: float32)')
    parser.add_argument('--device', choices=['cpu', 'cuda'], default='cpu')
    parser.add_argument('--threads', type=whole(1, 1024),
                        help='threads of PyTorch (default: its own choice; '
                        'with --all one and two)')
    parser.add_argument('--runs', type=whole(1, 100_000),
                        help='(default: 5; 3 with --official and --all)')
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
            options do not go together, there is no such device, or what is to
            be written cannot be.
    """
    _check_options(args)
    require_place('--json', args.json, overwrite=args.overwrite)
    require_place('--output', args.output, is_folder=True,
                  overwrite=args.overwrite)
    arguments = parse_network_args(args.network_args)
    for method in args.methods:
        get_method(method)
    if args.official:
        compare_official(args, arguments)
    elif args.all:
        measure_all(args, arguments)
    else:
        measure_one(args, arguments)


def measure_one(args: argparse.Namespace, arguments: dict) -> None:
    """Time one network, with the machine; see :func:`benchmark`."""
    shape = _input_shape(args)
    # takes seconds to import, complaints shall not
    import torch

    from mmderain.cli.network_speed import (
        build_network,
        describe_machine,
        measure,
    )

    _require_device(args.device)
    if args.threads:
        torch.set_num_threads(args.threads)
    method, dtype = args.methods[0], args.dtype or 'float32'
    network = build_network(method, arguments).to(args.device)
    figures = dict(
        method=method, input=list(shape), dtype=dtype,
        machine=describe_machine(args.device),
        parameters=sum(p.numel() for p in network.parameters()),
        **measure(network, torch.rand(shape, device=args.device),
                  getattr(torch, dtype), args.runs or 5))
    print(format_table(figures))
    if args.json:
        write_json(args.json, figures, parents=True)


def compare_official(args: argparse.Namespace, arguments: dict) -> None:
    """Time orders of work in turns; see :func:`benchmark`."""
    size = None if args.size is None else tuple(
        map(int, _sides(args.size, (3, ), 'FRAMESxHEIGHTxWIDTH', '9x240x320')))
    methods = args.methods or [name for name, method in METHODS.items()
                               if method.official_order]
    for name in methods:
        order = get_method(name).found_official_order()
        if size is not None:
            order.require_clip(f'--size {args.size}', size)
    from mmderain.cli.benchmark_official import (
        Chosen,
        compare_orders,
        format_orders,
    )

    _require_device(args.device)
    chosen = Chosen(arguments, size, args.runs or 3, args.device,
                    args.threads)
    found = [compare_orders(name, chosen) for name in methods]
    print(format_orders(found, args.device))
    if args.json:
        write_json(args.json, found, parents=True)


def measure_all(args: argparse.Namespace, arguments: dict) -> None:
    """Measure every cell and write the table; see :func:`benchmark`."""
    height, width = map(int, _sides(
        args.size or '256x256', (2, ), 'HEIGHTxWIDTH', '256x256'))
    if height % 32 or width % 32:
        raise UserError(f'--size {args.size}: expected multiples of 32, of '
                        'which --all takes parts.')
    from mmderain.cli.benchmark_all import Wanted, measure_methods
    from mmderain.cli.benchmark_page import write_page

    _require_device(args.device)
    for found in measure_methods(
            args.methods or sorted(METHODS),
            Wanted(arguments, (height, width), args.runs or 3, args.device,
                   (args.threads, ) if args.threads else None)):
        write_page(found, args.output)
    print(f'{args.output}: performance.md, performance.json, growth.png')


def _check_options(args: argparse.Namespace) -> None:
    """Refuse what does not go together, or would have no effect."""
    if args.official and args.all:
        raise UserError('--official and --all are two measurements. Choose '
                        'one of them.')
    several = args.official or args.all
    mode = '--official' if args.official else '--all'
    if not several and len(args.methods) != 1:
        raise UserError(
            f'expected one method of {", ".join(sorted(METHODS))}, got '
            f'{" ".join(args.methods) or "none"}. Name one, or add --official '
            'or --all.')
    for name in ('channels', 'batch', 'dtype') if several else ():
        if getattr(args, name) is not None:
            raise UserError(f'--{name} has no effect with {mode}. Leave it '
                            'out.')
    if several and args.network_args and len(args.methods) != 1:
        raise UserError(f'{mode} takes --network-args for one method alone. '
                        'Name one.')
    if args.all and (args.json or not args.output):
        raise UserError('--all writes table, figures and plots into a folder: '
                        'name it with --output FOLDER, and leave out --json.')
    if args.output and not args.all:
        raise UserError('--output is the folder of --all. Add --all, or '
                        'write figures with --json.')


def _require_device(device: str) -> None:
    import torch

    if device == 'cuda' and not torch.cuda.is_available():
        raise UserError('PyTorch sees no GPU here; --device cpu measures the '
                        'processor.')


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
                arguments.update(parse_json(item))
            elif equals:
                arguments[key] = parse_json(value)
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


def _sides(text: str, counts: Sequence[int], names: str,
           example: str) -> list[str]:
    sides = text.split('x')
    if len(sides) not in counts or not all(
            re.fullmatch(r'[1-9]\d{0,8}', side) for side in sides):
        raise UserError(f'--size takes {names}, such as {example}, but got '
                        f'{text!r}')
    if math.prod(map(int, sides)) > _MOST_NUMBERS:
        raise UserError(f'--size {text}: expected an input of '
                        f'{_MOST_NUMBERS} numbers at most. Choose a smaller '
                        'one.')
    return sides


def _input_shape(args: argparse.Namespace) -> tuple[int, ...]:
    text, batch = args.size or '5x256x256', args.batch or 1
    if not re.fullmatch(r'([1-9]\d*x){1,2}[1-9]\d*', text):
        raise UserError(f'--size takes FRAMESxHEIGHTxWIDTH or HEIGHTxWIDTH, '
                        f'such as 5x256x256, but got {text!r}')
    *frames, height, width = map(int, text.split('x'))
    shape = (batch, *frames, args.channels or 3, height, width)
    if math.prod(shape) > _MOST_NUMBERS:
        raise UserError(f'--size {text}: expected an input of '
                        f'{_MOST_NUMBERS} numbers at most, got '
                        f'{math.prod(shape)}. Choose a smaller --size or '
                        '--batch.')
    return shape
