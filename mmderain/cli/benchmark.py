"""Time a network against what its machine can do at most.

Seconds alone say little on a machine that nobody knows. So the ceilings (a
matrix product and a convolution, in the same number format) are measured in
the same run, between the runs of the network, and the network's arithmetic is
given as a share of them.
"""

import argparse
import inspect
import json
import math
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mmderain.cli.common import run
from mmderain.cli.peak_memory import peak_memory
from mmderain.errors import UserError
from mmderain.files import write_json
from mmderain.methods import METHODS, get_method

# Large enough to reach the ceiling, small enough not to make one wait.
_MATRIX = dict(cpu=3072, cuda=8192)
_CONV_BATCH = dict(cpu=1, cuda=16)


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
    parser.add_argument('--channels', type=_count, default=3,
                        help='3 for RGB, 1 for luma (default: 3)')
    parser.add_argument('--batch', type=_count, default=1)
    parser.add_argument('--dtype', default='float32',
                        choices=['float32', 'bfloat16', 'float16'],
                        help='half precision by autocast')
    parser.add_argument('--device', choices=['cpu', 'cuda'], default='cpu')
    parser.add_argument('--threads', type=_count,
                        help='threads of PyTorch (default: its own choice)')
    parser.add_argument('--runs', type=_count, default=5)
    parser.add_argument('--network-args', nargs='+', default=[],
                        metavar='KEY=VALUE',
                        help='arguments of the network, or one JSON object')
    parser.add_argument('--json', metavar='FILE', help='write the figures')
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
    if args.device == 'cuda' and not torch.cuda.is_available():
        raise UserError('PyTorch sees no GPU here; --device cpu measures the '
                        'processor.')
    if args.threads:
        torch.set_num_threads(args.threads)
    shape = _input_shape(args)
    network = _build(args.method, parse_network_args(args.network_args))
    network = network.to(args.device)
    figures = dict(
        method=args.method, input=list(shape), dtype=args.dtype,
        machine=describe_machine(args.device),
        parameters=sum(p.numel() for p in network.parameters()),
        **measure(network, torch.rand(shape, device=args.device),
                  getattr(torch, args.dtype), args.runs))
    print(format_table(figures))
    if args.json:
        write_json(Path(args.json), figures, parents=True)


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


def describe_machine(device: str) -> dict:
    """What decides about speed: device, threads, instruction sets."""
    machine = dict(torch=torch.__version__, threads=torch.get_num_threads(),
                   instructions=torch.backends.cpu.get_cpu_capability())
    cpu_info = Path('/proc/cpuinfo')
    if cpu_info.is_file():
        text = cpu_info.read_text()
        name = re.search(r'model name\s*:\s*(.+)', text)
        machine['processor'] = name.group(1).strip() if name else 'unknown'
        # what PyTorch's name for the level does not say
        extra = sorted(set(re.findall(r'\b(amx_\w+|avx512_bf16)\b', text)))
        machine['instructions'] = ', '.join(
            [machine['instructions'], *extra])
    if device == 'cuda':
        machine['gpu'] = torch.cuda.get_device_name()
    return machine


def _deform_conv_flops(image: torch.Size, weight: torch.Size,
                       *args, out_shape: torch.Size, **kwargs) -> int:
    """For each output position a product with the whole kernel."""
    positions = out_shape[0] * out_shape[2] * out_shape[3]
    return 2 * math.prod(weight) * positions


def measure(network: nn.Module, inputs: Tensor, dtype: torch.dtype,
            runs: int) -> dict:
    """Time a network and, in between, the ceilings.

    Args:
        network: On the device of ``inputs``.
        inputs: Its only argument.
        dtype: For autocast; float32 means none.
        runs: Timed runs, after one to warm up, which is counted.

    Returns:
        dict: Operations, seconds, GFLOP/s, ceilings, bytes.

    Raises:
        UserError: The network does not take such inputs.
    """
    device = inputs.device.type
    network.eval()

    def forward() -> None:
        with torch.no_grad(), torch.autocast(
                device, dtype, enabled=dtype != torch.float32):
            network(inputs)

    before = peak_memory(device)
    try:
        # PyTorch's counter does not know torchvision's operator
        with FlopCounterMode(display=False, custom_mapping={
                torch.ops.torchvision.deform_conv2d: _deform_conv_flops
                }) as counter:
            _seconds(forward, device)
    except ValueError as error:
        raise UserError(str(error)) from error
    operations = counter.get_total_flops()
    print(f'warmed up: {operations / 1e9:.1f} GFLOP', flush=True)
    seconds = [_seconds(forward, device)]
    # the ceilings' own arrays shall not count
    memory = peak_memory(device)
    ceilings = _ceilings(inputs.device, dtype)
    best = dict.fromkeys(ceilings, 0.0)
    for ceiling, _ in ceilings.values():
        ceiling()
    for index in range(runs):
        if index:
            seconds.append(_seconds(forward, device))
        for name, (ceiling, work) in ceilings.items():
            best[name] = max(
                best[name], work / _seconds(ceiling, device) / 1e9)
        print(f'run {index + 1}/{runs}: {seconds[-1]:.3f} s', flush=True)
    achieved = operations / min(seconds) / 1e9
    return dict(
        operations=operations, seconds=seconds, seconds_min=min(seconds),
        seconds_median=statistics.median(seconds), gflops=achieved,
        matmul_gflops=best['matmul'], conv_gflops=best['conv'],
        share_of_matmul=achieved / best['matmul'],
        peak_memory_bytes=memory, memory_before_bytes=before)


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


def _count(text: str) -> int:
    if not re.fullmatch(r'[1-9]\d*', text):
        raise argparse.ArgumentTypeError(
            f'expected a whole number from 1 on, got {text!r}')
    return int(text)


def _input_shape(args: argparse.Namespace) -> tuple[int, ...]:
    if not re.fullmatch(r'([1-9]\d*x){1,2}[1-9]\d*', args.size):
        raise UserError(f'--size takes FRAMESxHEIGHTxWIDTH or HEIGHTxWIDTH, '
                        f'such as 5x256x256, but got {args.size!r}')
    *frames, height, width = map(int, args.size.split('x'))
    return (args.batch, *frames, args.channels, height, width)


def _build(method: str, arguments: dict) -> nn.Module:
    network_class = get_method(method).network_class()
    known = inspect.signature(network_class).parameters
    unknown = sorted(set(arguments) - set(known))
    if unknown:
        raise UserError(f'{network_class.__name__} takes no argument '
                        f'{unknown}; it takes {sorted(known)}.')
    try:
        return get_method(method).build_network(**arguments)
    except (TypeError, ValueError) as error:
        raise UserError(f'{network_class.__name__} cannot be built with '
                        f'{arguments}: {error}') from error


def _ceilings(device: torch.device, dtype: torch.dtype) -> dict[
        str, tuple[Callable[[], Tensor], float]]:
    """Name -> what to run, and its operations."""
    side = _MATRIX[device.type]
    batch = _CONV_BATCH[device.type]
    options = dict(device=device, dtype=dtype)
    matrix = torch.randn(side, side, **options)
    image = torch.randn(batch, 64, 480, 640, **options).contiguous(
        memory_format=torch.channels_last)
    weight = torch.randn(64, 64, 3, 3, **options).contiguous(
        memory_format=torch.channels_last)
    return dict(
        matmul=(lambda: matrix @ matrix, 2 * side**3),
        conv=(lambda: nn.functional.conv2d(image, weight, padding=1),
              2 * batch * 64 * 64 * 9 * 480 * 640))


def _seconds(function: Callable[[], object], device: str) -> float:
    if device == 'cuda':
        torch.cuda.synchronize()
    start = time.perf_counter()
    function()
    if device == 'cuda':
        torch.cuda.synchronize()
    return time.perf_counter() - start
