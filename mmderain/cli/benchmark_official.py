"""Time our order of work against the official one, in turns."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mmderain.cli import measured_apart
from mmderain.cli.benchmark_subjects import ClipSubject
from mmderain.cli.network_speed import describe_machine
from mmderain.methods import get_method

# of bytes; what goes through 8 bits on its way may fall to the other side
_ROUNDED = 1e-3
_LEVELS = 2


class Chosen(NamedTuple):
    """What is compared, and how often.

    Args:
        arguments: Of the network.
        size: Frames, height and width; None for the order's own.
        runs: Of each, after one to warm up.
        device: 'cpu' or 'cuda'.
        threads: Of PyTorch; None for its own choice.
    """

    arguments: Mapping[str, Any]
    size: tuple[int, int, int] | None
    runs: int
    device: str
    threads: int | None


def compare_orders(method: str, chosen: Chosen) -> dict:
    """Measure a method's orders of work in processes of their own, in turns.

    Args:
        method: One that has an official order.
        chosen: How.

    Returns:
        dict: For JSON, and for :func:`format_orders`.

    Raises:
        UserError: There is no such order, or its network takes no such clip.
    """
    order = get_method(method).found_official_order()
    size = chosen.size or order.size
    print(f'{method}: {order.says}', flush=True)
    settings = dict(official=order.settings, here=order.settings)
    if order.other is not None:
        settings['other'] = order.other
    subjects: dict[str, measured_apart.Apart] = {}
    try:
        for name, own in settings.items():
            subjects[name] = measured_apart.Apart(
                ClipSubject, method, chosen.arguments, own, size,
                name == 'official', chosen.device, chosen.threads)
        return dict(
            method=method, clip=list(size), says=order.says,
            **_in_turns(subjects, chosen.runs, size[0], order.left_out))
    finally:
        for subject in subjects.values():
            subject.end()


def _in_turns(subjects: Mapping[str, Any], runs: int, count: int,
              left_out: int) -> dict:
    figures: dict[str, dict] = {}
    for name, subject in subjects.items():
        operations = subject.ask('warm_up')
        frames = subject.ask('frames')
        first = left_out if name == 'official' else subject.ask('first')
        kept = slice(left_out - first, count - left_out - first)
        figures[name] = dict(
            operations=operations, frames=len(frames), seconds=[],
            processor_seconds=[], peak_memory_bytes=subject.ask('memory'),
            restored=frames[kept])
        print(f'  {name}: warmed up, {operations / 1e9:.0f} GFLOP',
              flush=True)
    ceilings: list[tuple[float, float]] = []
    for index in range(runs):
        for name, subject in subjects.items():
            wall, processor = subject.ask('run')
            figures[name]['seconds'].append(wall)
            figures[name]['processor_seconds'].append(processor)
        ceilings.append(subjects['here'].ask('ceiling'))
        print(f'  run {index + 1}/{runs}: ' + ', '.join(
            f'{name} {item["seconds"][-1]:.2f} s'
            for name, item in figures.items()), flush=True)
    official = figures['official'].pop('restored')
    for name, item in figures.items():
        _summarise(item, ceilings)
        if name != 'official':
            item.update(_difference(official, item.pop('restored')),
                        **_gains(figures['official'], item))
    return dict(orders=figures,
                matmul_gflops=max(wall for wall, _ in ceilings) / 1e9)


def _summarise(item: dict, ceilings: Sequence[tuple[float, float]]) -> None:
    """Per restored frame; shares of the matrix product by either clock."""
    count = item['frames']
    best, least = min(item['seconds']), min(item['processor_seconds'])
    by_clock, by_processor = (max(values) for values in zip(
        *ceilings, strict=True))
    item.update(
        frame_seconds_min=best / count,
        frame_seconds_median=statistics.median(item['seconds']) / count,
        frame_processor_seconds_min=least / count,
        share_of_matmul=item['operations'] / best / by_clock,
        processor_share_of_matmul=item['operations'] / least / by_processor)


def _gains(official: dict, ours: dict) -> dict:
    return {f'gain_{name}': official[f'frame_{name}'] / ours[f'frame_{name}']
            for name in ('seconds_min', 'seconds_median',
                         'processor_seconds_min')}


def _difference(official: np.ndarray, ours: np.ndarray) -> dict:
    """How far apart the restored frames are, exact and as bytes."""
    error = np.abs(official - ours)
    expected, got = (np.rint(255 * frames.clip(0, 1)).astype(int)
                     for frames in (official, ours))
    levels = np.abs(expected - got)
    return dict(
        largest_difference=float(error.max()),
        mean_difference=float(error.mean()),
        bytes_that_differ=float((levels > 0).mean()),
        equal=bool((levels > 0).mean() <= _ROUNDED
                   and levels.max() <= _LEVELS
                   and np.isfinite(official).all()))


_NAMES = dict(official='official order', here='here, the same frames',
              other='here, made for speed')


def format_orders(found: Sequence[dict], device: str) -> str:
    """Tables of what :func:`compare_orders` has found."""
    machine = describe_machine(device)
    place = machine.get('gpu') or machine['processor']
    lines = [f'{place}, PyTorch {machine["torch"]}, float32']
    for item in found:
        lines += ['', f'{item["method"]}, clip '
                  f'{"x".join(map(str, item["clip"]))}, matrix product '
                  f'{item["matmul_gflops"]:.0f} GFLOP/s']
        lines += [_row(name, order)
                  for name, order in item['orders'].items()]
    return '\n'.join(lines)


def _verdict(name: str, equal: bool) -> str:
    if equal:
        return 'equal'
    return 'other values by design' if name == 'other' else 'NOT equal'


def _row(name: str, order: dict) -> str:
    text = (f'  {_NAMES[name]:<22} {order["frame_seconds_min"]:8.3f} s a '
            f'frame at best, {order["frame_seconds_median"]:.3f} median, '
            f'{order["frame_processor_seconds_min"]:.3f} of the processor; '
            f'{100 * order["share_of_matmul"]:.0f} % of the matrix product '
            f'({100 * order["processor_share_of_matmul"]:.0f} % by processor '
            f'time); {order["peak_memory_bytes"] / 2**30:.2f} GiB')
    if 'gain_seconds_min' in order:
        text += (f'\n  {"":<22} {order["gain_seconds_min"]:8.2f} times as '
                 f'fast at best, {order["gain_seconds_median"]:.2f} median, '
                 f'{order["gain_processor_seconds_min"]:.2f} by processor '
                 f'time; {_verdict(name, order["equal"])}: '
                 f'largest difference {order["largest_difference"]:.1e}, mean '
                 f'{order["mean_difference"]:.1e}, '
                 f'{100 * order["bytes_that_differ"]:.3f} % of bytes differ')
    return text
