"""How fast a network is, and the machine that it runs on."""

import inspect
import math
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torchvision  # noqa: F401, registers the operators counted below
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mmderain.backends.machine import processor
from mmderain.cli.peak_memory import peak_memory
from mmderain.errors import UserError
from mmderain.methods import get_method

# Large enough to reach the ceiling, small enough not to make one wait.
_MATRIX = dict(cpu=3072, cuda=8192)
_CONV_BATCH = dict(cpu=1, cuda=16)


def build_network(method: str, arguments: dict) -> nn.Module:
    """The network of a method.

    Raises:
        UserError: There is no such method, or its network does not take such
            arguments.
    """
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


def describe_machine(device: str) -> dict:
    """What decides about speed: device, threads, instruction sets."""
    machine = dict(torch=torch.__version__, threads=torch.get_num_threads(),
                   instructions=torch.backends.cpu.get_cpu_capability(),
                   processor=processor())
    cpu_info = Path('/proc/cpuinfo')
    if cpu_info.is_file():
        # what PyTorch's name for the level does not say
        extra = sorted(set(re.findall(r'\b(amx_\w+|avx512_bf16)\b',
                                      cpu_info.read_text())))
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
        operations = count_operations(forward)
    except ValueError as error:
        raise UserError(f'{error}. Change --size or --channels.') from error
    except TypeError as error:
        raise UserError(
            'this network takes more than a clip. Measure it with what goes '
            'before it: mmderain benchmark METHOD --all --output FOLDER.'
            ) from error
    print(f'warmed up: {operations / 1e9:.1f} GFLOP', flush=True)
    seconds = [seconds_of(forward, device)]
    # the ceilings' own arrays shall not count
    memory = peak_memory(device)
    ceilings = ceilings_of(inputs.device, dtype)
    best = dict.fromkeys(ceilings, 0.0)
    for ceiling, _ in ceilings.values():
        ceiling()
    for index in range(runs):
        if index:
            seconds.append(seconds_of(forward, device))
        for name, (ceiling, work) in ceilings.items():
            best[name] = max(
                best[name], work / seconds_of(ceiling, device) / 1e9)
        print(f'run {index + 1}/{runs}: {seconds[-1]:.3f} s', flush=True)
    achieved = operations / min(seconds) / 1e9
    return dict(
        operations=operations, seconds=seconds, seconds_min=min(seconds),
        seconds_median=statistics.median(seconds), gflops=achieved,
        matmul_gflops=best['matmul'], conv_gflops=best['conv'],
        share_of_matmul=achieved / best['matmul'],
        peak_memory_bytes=memory, memory_before_bytes=before)


def ceilings_of(device: torch.device, dtype: torch.dtype) -> dict[
        str, tuple[Callable[[], Tensor], float]]:
    """Matrix product and convolution: what to run, and its operations."""
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


def count_operations(function: Callable[[], object]) -> int:
    """Run it once and count; a multiplication with an addition is two."""
    # PyTorch's counter does not know torchvision's operator
    with FlopCounterMode(display=False, custom_mapping={
            torch.ops.torchvision.deform_conv2d: _deform_conv_flops
            }) as counter:
        function()
    return counter.get_total_flops()


def seconds_of(function: Callable[[], object], device: str) -> float:
    """How long it takes, with all that it has started on a GPU."""
    if device == 'cuda':
        torch.cuda.synchronize()
    start = time.perf_counter()
    function()
    if device == 'cuda':
        torch.cuda.synchronize()
    return time.perf_counter() - start
